"""Every column of the contract, whatever its role."""

from __future__ import annotations

import math
from fractions import Fraction

import polars as pl

from expectations.contract import Column, Contract
from tasks.analyze.exact import shown
from tasks.analyze.look import Look
from tasks.analyze.measures import Scale
from tasks.analyze.plain import Kind, as_text
from tasks.analyze.ranks import ALL, Ranks
from tasks.analyze.sums import moments_of
from tasks.analyze.values import TextExtent

_QUANTILES = {
    "q05": Fraction(5, 100),
    "q25": Fraction(25, 100),
    "median": Fraction(50, 100),
    "q75": Fraction(75, 100),
    "q95": Fraction(95, 100),
}


def column_row(
    contract: Contract, look: Look, name: str, distinct: int, spread: Ranks | TextExtent | None
) -> dict[str, object]:
    """One row of `column_summary`.

    Args:
        contract: the contract.
        look: the first look.
        name: the column.
        distinct: how many different values it has.
        spread: of numbers and of text, where there are values.
    """
    column = contract.columns[name]
    count = look.counts[name]
    row: dict[str, object] = {
        "column": name,
        "type": str(column.type),
        "role": " ".join(role for role, played in contract.roles.columns().items() if played == name) or None,
        "count": count,
        "missing": look.rows - count,
        "missing_share": shown(Fraction(look.rows - count, look.rows)) if look.rows else None,
        "distinct": distinct,
    }
    if count == 0:
        return row
    if isinstance(spread, TextExtent):
        return row | _text_facts(column, spread, count)
    return row | _extremes(column, look.scales[name]) | (_number_facts(spread) if spread else {})


def _text_facts(column: Column, held: TextExtent, count: int) -> dict[str, object]:
    lengths: dict[str, object] = {
        "min_length": held.shortest,
        "max_length": held.longest,
        "mean_length": shown(Fraction(held.characters, count)),
    }
    return lengths if column.personal else lengths | {"minimum": held.least, "maximum": held.most}


def _extremes(column: Column, held: Scale) -> dict[str, object]:
    if column.personal:
        return {}
    dtype = pl.Float64 if held.measure.kind == Kind.FLOAT else pl.Int64
    texts = as_text(column, pl.Series([held.least, held.most], dtype=dtype))
    return {"minimum": texts[0], "maximum": texts[1]}


def time_row(name: str, column: Column, ranks: Ranks) -> dict[str, object]:
    """One row of `column_times`, of a time that has values."""
    found = ranks.quantiles({ALL: list(_QUANTILES.values())})[ALL]
    texts = as_text(column, pl.Series([math.floor(value) for value in found], dtype=pl.Int64))
    return {"column": name, **dict(zip(_QUANTILES, texts, strict=True))}


def _number_facts(ranks: Ranks) -> dict[str, object]:
    moments = moments_of(ranks.spread)
    found = ranks.quantiles({ALL: list(_QUANTILES.values())})[ALL]
    named = {name: shown(value) for name, value in zip(_QUANTILES, found, strict=True)}
    return {"mean": moments.mean, "std": moments.std, **named}
