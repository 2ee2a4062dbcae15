"""Great Expectations on Polars: importing this makes `context.data_sources.add_polars(name)` work.

Importing it imports Great Expectations (several CPU seconds), so import it where it is needed, not sooner.
"""

from expectations.polars_engine.deferred import deferred
from expectations.polars_engine.quiet import quiet_decimals, quiet_loggers, warnings_as_before
from expectations.polars_engine.waiting import waiting
from expectations.polars_engine.waiting_expectations import waiting_expectations
from expectations.polars_engine.waiting_sources import waiting_sources

# What few of its expectations need, and no data source of ours: imported with their first use.
_HARDLY_NEEDED = (
    "scipy.stats",
    "altair",
    "jsonschema",
    "requests",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.dialects.postgresql.psycopg",
    "great_expectations.compatibility.aws",
)
_HARDLY_CALLED = ("great_expectations.core.http", "great_expectations.compatibility.postgresql")

with warnings_as_before(), deferred(*_HARDLY_NEEDED, functions_of=_HARDLY_CALLED):
    with (
        waiting_sources(),
        waiting_expectations(),
        waiting(["sqlalchemy.orm"], "great_expectations.compatibility.sqlalchemy"),
    ):
        import great_expectations.expectations.core
        import great_expectations.expectations.metrics  # noqa: F401  # both register what Great Expectations has

    from expectations.polars_engine.asked_once import ask_once
    from expectations.polars_engine.check import CheckResult, Outcome, check_frame
    from expectations.polars_engine.datasource import PolarsDataFrameAsset, PolarsDatasource
    from expectations.polars_engine.engine import PolarsExecutionEngine
    from expectations.polars_engine.registration import register_all
    from expectations.polars_engine.rules import RowRule
    from expectations.polars_engine.suite import SuiteError, load_suite
    from expectations.polars_engine.unread_rows import UnreadRows

quiet_loggers()
quiet_decimals()
ask_once()
register_all()

__all__ = [
    "CheckResult",
    "Outcome",
    "PolarsDataFrameAsset",
    "PolarsDatasource",
    "PolarsExecutionEngine",
    "RowRule",
    "SuiteError",
    "UnreadRows",
    "check_frame",
    "load_suite",
]
