"""What importing the plug-in does: its metrics, and with them its data source, are known to Great Expectations."""

from __future__ import annotations

from expectations.polars_engine.metrics.aggregates import register_aggregates
from expectations.polars_engine.metrics.query import register_query_metrics
from expectations.polars_engine.metrics.rows import register_row_metrics
from expectations.polars_engine.metrics.table import register_table_metrics
from expectations.polars_engine.types import teach_type_expectations


def register_all() -> None:
    """Register every metric that Polars can answer."""
    register_table_metrics()
    register_aggregates()
    register_row_metrics()
    register_query_metrics()
    teach_type_expectations()
