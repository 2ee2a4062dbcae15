"""What every result table looks like: columns in their order, with their types. All engines write exactly this."""

from __future__ import annotations

import polars as pl

_MOMENT = pl.Datetime("us")

_TABLES: dict[str, dict[str, pl.DataType | type[pl.DataType]]] = {
    "batch_totals": {
        "rows": pl.Int64,
        "entities": pl.Int64,
        "rows_without_entity": pl.Int64,
        "categories": pl.Int64,
        "first_seen": _MOMENT,
        "last_seen": _MOMENT,
        "active_days": pl.Int64,
        "durations": pl.Int64,
        "missing_durations": pl.Int64,
        "zero_durations": pl.Int64,
        "negative_durations": pl.Int64,
        "total_duration_seconds": pl.Float64,
        "mean_duration_seconds": pl.Float64,
        "std_duration_seconds": pl.Float64,
        "values": pl.Int64,
        "total_value": pl.Float64,
        "mean_value": pl.Float64,
        "std_value": pl.Float64,
    },
    "column_summary": {
        "column": pl.String,
        "type": pl.String,
        "role": pl.String,
        "count": pl.Int64,
        "missing": pl.Int64,
        "missing_share": pl.Float64,
        "distinct": pl.Int64,
        "minimum": pl.String,
        "maximum": pl.String,
        "mean": pl.Float64,
        "std": pl.Float64,
        "q05": pl.Float64,
        "q25": pl.Float64,
        "median": pl.Float64,
        "q75": pl.Float64,
        "q95": pl.Float64,
        "min_length": pl.Int64,
        "max_length": pl.Int64,
        "mean_length": pl.Float64,
    },
    "session_metrics": {
        "entity": pl.String,
        "sessions": pl.Int64,
        "timed_sessions": pl.Int64,
        "total_duration_seconds": pl.Float64,
        "mean_duration_seconds": pl.Float64,
        "min_duration_seconds": pl.Float64,
        "max_duration_seconds": pl.Float64,
        "std_duration_seconds": pl.Float64,
        "total_value": pl.Float64,
        "mean_value": pl.Float64,
        "first_seen": _MOMENT,
        "last_seen": _MOMENT,
        "categories": pl.Int64,
    },
    "event_distribution": {
        "category": pl.String,
        "count": pl.Int64,
        "share": pl.Float64,
        "cumulative_share": pl.Float64,
        "mean_duration_seconds": pl.Float64,
        "total_value": pl.Float64,
        "mean_value": pl.Float64,
    },
    "event_distribution_test": {
        "categories": pl.Int64,
        "count": pl.Int64,
        "missing": pl.Int64,
        "expected_count": pl.Float64,
        "chi_squared": pl.Float64,
        "degrees_of_freedom": pl.Int64,
        "p_value": pl.Float64,
    },
    "outlier_bounds": {
        "measure": pl.String,
        "count": pl.Int64,
        "mean": pl.Float64,
        "std": pl.Float64,
        "minimum": pl.Float64,
        "q1": pl.Float64,
        "median": pl.Float64,
        "q3": pl.Float64,
        "maximum": pl.Float64,
        "iqr": pl.Float64,
        "lower_bound": pl.Float64,
        "upper_bound": pl.Float64,
        "below": pl.Int64,
        "above": pl.Int64,
        "share": pl.Float64,
    },
    "outliers": {
        "measure": pl.String,
        "rank": pl.Int64,
        "value": pl.Float64,
        "side": pl.String,
        "z_score": pl.Float64,
        "entity": pl.String,
        "started_at": _MOMENT,
        "category": pl.String,
    },
    "daily_trend": {
        "day": pl.Date,
        "count": pl.Int64,
        "entities": pl.Int64,
        "total_value": pl.Float64,
        "mean_value": pl.Float64,
        "mean_duration_seconds": pl.Float64,
    },
    "hourly_trend": {
        "hour": pl.Int64,
        "count": pl.Int64,
        "entities": pl.Int64,
        "total_value": pl.Float64,
        "mean_value": pl.Float64,
        "mean_duration_seconds": pl.Float64,
    },
}

SCHEMAS = {name: pl.Schema(columns) for name, columns in _TABLES.items()}


def shaped(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Bring a table into its shape; a column that the dataset has no role for is null."""
    schema = SCHEMAS[name]
    columns = [pl.col(one) if one in frame.columns else pl.lit(None).alias(one) for one in schema]
    return frame.select(columns).cast(schema)


def table_of(name: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    """A table from a few rows."""
    return pl.DataFrame([{one: row.get(one) for one in SCHEMAS[name]} for row in rows], schema=SCHEMAS[name])
