"""Which of the contract's types a column of text would fit: the one whose cast takes its values, as ingest would."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

from expectations.contract import Column, ColumnType
from expectations.number_formats import number_format
from tasks.ingest.cast_column import is_doubtful, look_again, values_of
from tasks.ingest.inferred_formats import several_formats, single_formats

SAMPLE_ROWS = 5000
_FIRST = 50  # values a type must fit for the most part, before all are tried
_MOSTLY = 0.9
_MISSING = ("", "NA", "N/A", "NULL", "null", "NaN", "nan", "None")
_TEXT = Column.model_validate({"type": ColumnType.STRING})
_NUMBER_FORMATS = ("1234,56", "1.234,56", "1 234,56", "1'234,56", "1,234.56", "1 234.56", "1'234.56")
_PADDED = r"^[+-]?0[0-9]+$"
_DIGITS = r"^[+-]?[0-9]+$"


class InferredType(NamedTuple):
    """What a column seems to hold."""

    name: str  # of the contract's type, with what it needs
    filled_share: float
    fit_share: float = 1.0  # of the values that are there
    column: Column = _TEXT  # as a contract has it


def inferred_type(text: pl.Series) -> InferredType:
    """The type that most values of a column fit; text where they fit none.

    Args:
        text: some thousand values, String; null where a record lacks the column.
    """
    text = text.rename("text").str.strip_chars(" \t")  # as the cast does it
    filled = text.filter(~text.is_in(list(_MISSING)).fill_null(True))
    share = len(filled) / len(text) if len(text) else 0.0
    if not len(filled):
        return InferredType("empty", share)
    if filled.str.contains(_DIGITS).mean() == 1:
        if filled.str.contains(_PADDED).any():
            return InferredType("string, digits with leading zeros", share)
        if _fit(filled, _column(ColumnType.INTEGER)) < 1:
            return InferredType("string, whole numbers past 64 bits", share)
    best = InferredType("string", share, _MOSTLY)
    candidates = list(_candidates(filled))
    shares = _shares_read(filled.head(_FIRST), [column for _, column in candidates])
    for (name, column), first in zip(candidates, shares, strict=True):
        best = _better(best, name, column, filled) if first >= _MOSTLY else best
        if best.fit_share == 1:
            return best
    has_times = any(share and column.formats for (_, column), share in zip(candidates, shares, strict=True))
    for name, column in several_formats(filled) if has_times else ():
        best = _better(best, name, column, filled)
    return best if best.column is not _TEXT else InferredType("string", share)


def _shares_read(values: pl.Series, columns: list[Column]) -> tuple[float, ...]:
    """How many of some values each type reads: no less than what fits it."""
    read = [values_of(pl.col("text"), column).is_not_null().mean() for column in columns]
    return values.to_frame().select(share.alias(str(place)) for place, share in enumerate(read)).row(0)


def _better(best: InferredType, name: str, column: Column, filled: pl.Series) -> InferredType:
    """The best type so far, or this one if it takes more of the values."""
    fit = _fit(filled, column)
    if fit <= best.fit_share:
        return best
    return InferredType(name if fit == 1 else f"mostly {name}", best.filled_share, fit, column)


def not_looked_at(text: pl.Series) -> InferredType:
    """What is said of a column of a very wide table beside how much of it is filled."""
    return InferredType("not looked at", text.filter(text != "").len() / len(text) if len(text) else 0.0)


def _candidates(filled: pl.Series) -> Iterator[tuple[str, Column]]:
    yield "integer", _column(ColumnType.INTEGER)
    digits = filled.str.extract(r"^[+-]?[0-9]*[.]([0-9]{1,9})$").str.len_chars().max()
    if isinstance(digits, int):
        yield f"decimal, scale {digits}", _column(ColumnType.DECIMAL, scale=digits)
    yield "float", _column(ColumnType.FLOAT)
    yield "boolean", _column(ColumnType.BOOLEAN)
    yield from _formatted(filled)
    yield from single_formats(filled)


def _formatted(filled: pl.Series) -> Iterator[tuple[str, Column]]:
    """Numbers with a decimal comma or marks between thousands, where some value leaves no doubt: `1,234` alone does."""
    if not filled.str.contains(r"[0-9][,. '\u2019\u00a0\u202f][0-9]").any():
        return
    for example in _NUMBER_FORMATS:
        form = number_format(example)
        values = filled.filter(filled.str.contains(form.pattern))
        told = [rf"[{form.marks}].*[{form.marks}{form.point}]"] if form.marks else []
        told += [r",([0-9]{1,2}|[0-9]{4,})$", r"^[+-]?0,"] if form.point == "," else []
        if not values.str.contains("|".join(told)).any():
            continue
        scale = values.str.extract(rf"[{form.point}]([0-9]{{1,9}})$").str.len_chars().max()
        if isinstance(scale, int):
            settings = {"scale": scale, "number_format": example}
            yield f"decimal, scale {scale}, as {example}", _column(ColumnType.DECIMAL, **settings)
        else:
            yield f"integer, as {example}", _column(ColumnType.INTEGER, number_format=example)


def _column(kind: ColumnType, **settings: object) -> Column:
    return Column.model_validate({"type": kind, **settings})


def _fit(values: pl.Series, column: Column) -> float:
    """The share of values that cast."""
    cell = pl.col("text")
    first = values.to_frame().select(values_of(cell, column).alias("v"), is_doubtful(cell, column, ()).alias("doubt"))
    if not first["doubt"].any():
        return 1.0
    done = look_again(values, first["v"], column, ())
    wrong = pl.concat([found.rows for found in done.miscasts]).n_unique() if done.miscasts else 0
    return 1 - wrong / len(values)
