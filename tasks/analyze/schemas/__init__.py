"""What every result table looks like: columns in their order, types and meaning. All engines write exactly this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from tasks.analyze.schemas.categories import CATEGORY_TABLES
from tasks.analyze.schemas.columns import COLUMN_TABLES
from tasks.analyze.schemas.entities import ENTITY_TABLES
from tasks.analyze.schemas.outliers import OUTLIER_TABLES
from tasks.analyze.schemas.result_table import ResultTable
from tasks.analyze.schemas.time import TIME_TABLES
from tasks.analyze.schemas.totals import TOTALS_TABLES

TABLES: dict[str, ResultTable] = {
    **TOTALS_TABLES,
    **COLUMN_TABLES,
    **ENTITY_TABLES,
    **CATEGORY_TABLES,
    **OUTLIER_TABLES,
    **TIME_TABLES,
}
SCHEMAS = {name: table.schema for name, table in TABLES.items()}


def shaped(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Bring a table into its shape; a column that the dataset has no role for is null."""
    schema = SCHEMAS[name]
    columns = [pl.col(one) if one in frame.columns else pl.lit(None).alias(one) for one in schema]
    return frame.select(columns).cast(schema)


def table_of(name: str, rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """A table from a few rows; what a row does not say is null."""
    schema = SCHEMAS[name]
    return pl.DataFrame([{one: row.get(one) for one in schema} for row in rows], schema=schema)
