"""Summary of every column of the contract, whatever its role."""

from __future__ import annotations

from fractions import Fraction

import narwhals as nw
import polars as pl

from expectations.contract import Column
from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.exact import Moments, shown
from tasks.analyze.look import Look, TextExtent
from tasks.analyze.measures import Scale
from tasks.analyze.order import quantiles
from tasks.analyze.plain import Kind, as_text, is_number
from tasks.analyze.schema import table_of

_QUANTILES = {
    "q05": Fraction(5, 100),
    "q25": Fraction(25, 100),
    "median": Fraction(50, 100),
    "q75": Fraction(75, 100),
    "q95": Fraction(95, 100),
}


def column_summary(batch: BatchFrame, look: Look) -> pl.DataFrame:
    """One row a column, in the contract's order."""
    return table_of("column_summary", [_row(batch, look, name) for name in batch.contract.columns])


def _row(batch: BatchFrame, look: Look, name: str) -> dict[str, object]:
    column = batch.contract.columns[name]
    held = look.texts[name] if name in look.texts else look.scales[name]
    roles = [role for role, played in batch.contract.roles.columns().items() if played == name]
    row: dict[str, object] = {
        "column": name,
        "type": str(column.type),
        "role": " ".join(roles) or None,
        "count": held.count,
        "missing": look.rows - held.count,
        "missing_share": shown(Fraction(look.rows - held.count, look.rows)) if look.rows else None,
        "distinct": _distinct(batch, name),
    }
    if held.count == 0:
        return row
    if isinstance(held, TextExtent):
        return row | _text_facts(column, held)
    row |= _extremes(column, held)
    if is_number(column) and "entity" not in roles:
        row |= _number_facts(batch, held, look.moments[name])
    return row


def _distinct(batch: BatchFrame, name: str) -> int:
    values = batch.frame(name).filter(~nw.col(name).is_null()).unique()
    return int(batch.collect(values.select(nw.len().alias("distinct"))).item())


def _text_facts(column: Column, held: TextExtent) -> dict[str, object]:
    lengths: dict[str, object] = {
        "min_length": held.shortest,
        "max_length": held.longest,
        "mean_length": shown(Fraction(held.characters, held.count)),
    }
    return lengths if column.personal else lengths | {"minimum": held.least, "maximum": held.most}


def _extremes(column: Column, held: Scale) -> dict[str, object]:
    if column.personal:
        return {}
    ends = pl.Series([held.least, held.most], dtype=pl.Float64 if held.measure.kind == Kind.FLOAT else pl.Int64)
    texts = as_text(column, ends)
    return {"minimum": texts[0], "maximum": texts[1]}


def _number_facts(batch: BatchFrame, held: Scale, moments: Moments) -> dict[str, object]:
    found = quantiles(batch, held, list(_QUANTILES.values()))
    named = {name: shown(value) for name, value in zip(_QUANTILES, found, strict=True)}
    return {"mean": moments.mean, "std": moments.std, **named}
