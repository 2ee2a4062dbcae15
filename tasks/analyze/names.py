"""What entities and categories are called in tables; personal ones are called by their place in their own table."""

from __future__ import annotations

import polars as pl

from expectations.contract import Contract
from tasks.analyze.plain import as_text


def named(contract: Contract, role: str, ordered: pl.DataFrame, places: pl.Series | None = None) -> pl.DataFrame:
    """Add the column `role` with the names of what is in `__<role>`.

    Args:
        contract: the contract.
        role: entity or category.
        ordered: entities or categories.
        places: their places in that role's own table, from 1; None where all are there, in its order.
    """
    name = contract.roles.columns()[role]
    column = contract.columns[name]
    plain = ordered[f"__{role}"]
    if not column.personal:
        return ordered.with_columns(as_text(column, plain).alias(role))
    place = (pl.int_range(1, pl.len() + 1) if places is None else pl.lit(places)).cast(pl.String)
    return ordered.with_columns(pl.when(pl.col(f"__{role}").is_not_null()).then(pl.lit(f"{name} ") + place).alias(role))


def renamed(frame: pl.DataFrame, role: str, table: pl.DataFrame | None) -> pl.DataFrame:
    """Put names in the place of plain entities or categories, in the column `role`, as `table` has them."""
    if table is None:
        return frame
    names = table.select(pl.col(f"__{role}"), pl.col(role).alias("__name"))
    joined = frame.join(names, left_on=role, right_on=f"__{role}", how="left", maintain_order="left")
    return joined.with_columns(pl.col("__name").alias(role)).select(frame.columns)
