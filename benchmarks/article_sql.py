"""The article's work in DuckDB, exact; and beyond it, what the rest of Sluice's tables say (docs/tables.md)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_COLUMNS = ("user_id", "session_start", "session_end", "event_type", "value", "metadata")
_MEASURES = ("duration", "value")  # whole microseconds, DECIMAL(18, 2)


def tables(path: Path) -> duckdb.DuckDBPyConnection:
    """Make the article's tables, each as an Arrow table. The connection holds `events` then."""
    import duckdb  # noqa: PLC0415  (as in article_ways)

    connection = duckdb.connect()
    connection.sql(f"""
        CREATE TABLE events AS SELECT *, CASE WHEN session_end >= session_start
            THEN epoch_us(session_end - session_start) END AS duration
        FROM (SELECT try_cast(user_id AS BIGINT) AS user_id, try_cast(session_start AS TIMESTAMP) AS session_start,
              try_cast(session_end AS TIMESTAMP) AS session_end, event_type,
              try_cast(value AS DECIMAL(18, 2)) AS value, metadata FROM read_csv('{path}', all_varchar = true))
    """)
    facts = ", ".join(f"count({one}), count(DISTINCT {one}), min({one}), max({one})" for one in _COLUMNS)
    _make(
        connection,
        "SELECT user_id, count(duration), avg(duration), sum(duration), min(duration), max(duration), "
        "stddev_samp(duration) FROM events GROUP BY user_id",
        "SELECT event_type, count(*), count(*) / sum(count(*)) OVER () FROM events GROUP BY event_type",
        "SELECT session_start::DATE, count(*), sum(value) FROM events GROUP BY 1",
        "SELECT hour(session_start), count(*), sum(value) FROM events GROUP BY 1",
        *(
            f"WITH q AS (SELECT quantile_cont({one}, [0.25, 0.75]) AS q FROM events) SELECT events.* FROM events, q "
            f"WHERE {one} < q[1] - 1.5 * (q[2] - q[1]) OR {one} > q[2] + 1.5 * (q[2] - q[1])"
            for one in _MEASURES
        ),
        f"SELECT {facts}, avg(value), stddev_samp(value) FROM events",
    )
    return connection


def all_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the rest: first, last and width of what users did, users by day and hour, quantiles, lengths, top values."""
    quantiles = "[0.05, 0.25, 0.5, 0.75, 0.95]"
    spans = ", ".join(f"quantile_cont({one}, {quantiles})" for one in (*_COLUMNS[1:3], *_MEASURES))
    lengths = ", ".join(
        f"min(length({one})), max(length({one})), avg(length({one}))" for one in ("event_type", "metadata")
    )
    moments = ", ".join(f"count({one}), sum({one}), avg({one}), stddev_samp({one})" for one in _MEASURES)
    of_type = ", ".join(f"quantile_cont({one}, [0.25, 0.5, 0.75])" for one in _MEASURES)
    _make(
        connection,
        "SELECT user_id, count(*), sum(value), avg(value), min(session_start), max(session_start), "
        "count(DISTINCT event_type) FROM events GROUP BY user_id",
        "SELECT session_start::DATE, count(DISTINCT user_id) FROM events GROUP BY 1",
        "SELECT hour(session_start), count(DISTINCT user_id) FROM events GROUP BY 1",
        f"SELECT date_trunc('hour', session_start), {moments} FROM events GROUP BY 1",
        f"SELECT {spans}, {lengths}, {moments}, corr(duration, value) FROM events",
        f"SELECT event_type, {moments}, {of_type} FROM events GROUP BY event_type",
        *(
            f"WITH q AS (SELECT event_type, quantile_cont({one}, [0.25, 0.75]) AS q FROM events GROUP BY event_type) "
            f"SELECT event_type, count(*) FROM events JOIN q USING (event_type) "
            f"WHERE {one} < q[1] - 1.5 * (q[2] - q[1]) OR {one} > q[2] + 1.5 * (q[2] - q[1]) GROUP BY event_type"
            for one in _MEASURES
        ),
        *(
            f"SELECT {one}, count(*) FROM events GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10"
            for one in ("user_id", "event_type", "value", "metadata")
        ),
        *(f"SELECT {one} // 100000, count(*) FROM events GROUP BY 1" for one in ("duration", "user_id")),
        "SELECT floor(value), count(*) FROM events GROUP BY 1",
        *(f"SELECT date_trunc('day', {one}), count(*) FROM events GROUP BY 1" for one in _COLUMNS[1:3]),
    )


def _make(connection: duckdb.DuckDBPyConnection, *queries: str) -> None:
    for query in queries:
        connection.sql(query).to_arrow_table()
