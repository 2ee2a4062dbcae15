"""The article's work in DuckDB, written well, exact: whole microseconds and decimals.

What numbers and texts are like is worked out from how often each value occurs; the hours at which a user was there are
bits of a number. Casts are tried: what does not parse is missing.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from benchmarks.article_tables import COLUMNS, FENCE, LISTED, MAD_AT_ONE, SHARES, TABLES

_MEANS = """coalesce(sum(value), 0)::DOUBLE AS total_value, sum(value)::DOUBLE / count(value) AS mean_value,
    sum(duration) / count(duration) / 1e6 AS mean_duration_seconds"""
_MEASURES = {"duration_seconds": ("duration", "duration / 1e6"), "value": ("value", "value::DOUBLE")}
_FARTHEST = "abs(x - mean) DESC, x, session_start, user_id, event_type"


def tables(path: Path) -> dict[str, pa.Table]:
    """Make the seven tables."""
    return _make(_opened(path))


def all_tables(path: Path) -> None:
    """Make the seven, and what the rest of Sluice's tables say, but for what is made of small tables."""
    connection = _opened(path)
    _make(connection)
    for query in _REST:
        connection.sql(query).to_arrow_table()


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection with the file as the table `events`."""
    connection = duckdb.connect()
    connection.sql("SET preserve_insertion_order = false")
    connection.sql(f"""
        CREATE TABLE events AS SELECT *, CASE WHEN session_end >= session_start
            THEN epoch_us(session_end - session_start) END AS duration
        FROM (SELECT try_cast(user_id AS BIGINT) AS user_id, try_cast(session_start AS TIMESTAMP) AS session_start,
              try_cast(session_end AS TIMESTAMP) AS session_end, event_type,
              try_cast(value AS DECIMAL(18, 2)) AS value, metadata FROM read_csv('{path}', all_varchar = true))
    """)
    return connection


def _make(connection: duckdb.DuckDBPyConnection) -> dict[str, pa.Table]:
    """Make the seven tables of `events`."""
    for name, query in _STEPS.items():
        connection.sql(f"CREATE TABLE {name} AS {query}")
    return {name: connection.sql(_QUERIES[name]).to_arrow_table() for name in TABLES}


def _quantile(share: float, value: str = "x") -> str:
    """Exact, and linear between neighbours; of rows (value, n, upto, total), `upto` the count of values up to it."""
    place = f"({share} * (total - 1))"
    low, high = (f"min({value}) FILTER (upto > {near}({place}))" for near in ("floor", "ceil"))
    return f"{low} + ({high} - {low}) * any_value({place} - floor({place}))"


def _ranked(table: str, value: str = "x") -> str:
    return f"""(SELECT *, sum(n) OVER (PARTITION BY measure ORDER BY {value}) AS upto,
        (sum(n) OVER (PARTITION BY measure))::DOUBLE AS total FROM {table})"""


def _outliers(measure: str, value: str) -> str:
    return f"""SELECT measure, row_number() OVER (ORDER BY {_FARTHEST}) AS rank, x AS value,
        CASE WHEN x < median THEN 'below' ELSE 'above' END AS side, (x - mean) / std AS z_score,
        {MAD_AT_ONE}::DOUBLE * (x - median) / nullif(mad, 0) AS robust_z_score, entity, session_start AS started_at,
        event_type AS category
        FROM (SELECT {value} AS x, bounds.*, events.* EXCLUDE value FROM events JOIN bounds ON measure = '{measure}'
              WHERE x < lower_bound OR x > upper_bound
              ORDER BY {_FARTHEST} LIMIT {LISTED})
        LEFT JOIN users USING (user_id)"""


_STEPS = {
    "users": f"""SELECT 'user_id ' || row_number() OVER (ORDER BY sessions DESC, user_id) AS entity, * FROM (
        SELECT user_id, count(*) AS sessions, count(duration) AS timed_sessions,
            coalesce(sum(duration), 0) / 1e6 AS total_duration_seconds, min(duration) / 1e6 AS min_duration_seconds,
            max(duration) / 1e6 AS max_duration_seconds, stddev_samp(duration) / 1e6 AS std_duration_seconds, {_MEANS},
            min(session_start) AS first_seen, max(session_start) AS last_seen,
            count(DISTINCT event_type) AS categories, bit_or(1 << hour(session_start)) AS hours
        FROM events WHERE user_id IS NOT NULL GROUP BY user_id)""",
    "texts": " UNION ALL ".join(
        f"SELECT '{name}' AS name, {name} AS text, count(*) AS n FROM events WHERE {name} IS NOT NULL GROUP BY {name}"
        for name in ("event_type", "metadata")
    ),
    "counted": " UNION ALL ".join(
        f"SELECT '{measure}' AS measure, {x} AS x, count(*) AS n FROM events WHERE {name} IS NOT NULL GROUP BY {name}"
        for measure, (name, x) in _MEASURES.items()
    ),
    "bounds": f"""WITH quartiles AS (
            SELECT measure, sum(n)::BIGINT AS count, sum(x * n) / sum(n) AS mean, min(x) AS minimum,
                {_quantile(0.25)} AS q1, {_quantile(0.5)} AS median, {_quantile(0.75)} AS q3, max(x) AS maximum
            FROM {_ranked("counted")} GROUP BY measure),
        fences AS (
            SELECT *, q3 - q1 AS iqr, q1 - {FENCE} * iqr AS lower_bound, q3 + {FENCE} * iqr AS upper_bound
            FROM quartiles),
        spread AS (
            SELECT *, abs(x - median) AS far FROM counted JOIN fences USING (measure)),
        beyond AS (
            SELECT measure, sqrt(sum((x - mean) ** 2 * n) / (sum(n) - 1)) AS std, {_quantile(0.5, "far")} AS mad,
                coalesce(sum(n) FILTER (x < lower_bound), 0)::BIGINT AS below,
                coalesce(sum(n) FILTER (x > upper_bound), 0)::BIGINT AS above
            FROM {_ranked("spread", "far")} GROUP BY measure)
        SELECT *, (below + above) / count AS share FROM fences JOIN beyond USING (measure)""",
}

_QUERIES = {
    "session_metrics": "SELECT * EXCLUDE (user_id, hours) FROM users ORDER BY sessions DESC, user_id",
    "event_distribution": f"""SELECT event_type AS category, count(*) AS count, count / sum(count) OVER () AS share,
            sum(count) OVER (ORDER BY count DESC, category) / sum(count) OVER () AS cumulative_share, {_MEANS}
        FROM events WHERE event_type IS NOT NULL GROUP BY event_type ORDER BY count DESC, category""",
    "outlier_bounds": "SELECT * FROM bounds ORDER BY measure",
    "outliers": " UNION ALL ".join(_outliers(measure, x) for measure, (_, x) in _MEASURES.items())
    + " ORDER BY measure, rank",
    "daily_trend": f"""SELECT day, count, entities, total_value, mean_value, mean_duration_seconds
        FROM (SELECT session_start::DATE AS day, count(*) AS count, {_MEANS} FROM events GROUP BY day)
        JOIN (SELECT session_start::DATE AS day, count(DISTINCT user_id) AS entities FROM events GROUP BY day)
        USING (day) ORDER BY day""",
    "hourly_trend": f"""SELECT hour, coalesce(count, 0) AS count, entities, coalesce(total_value, 0) AS total_value,
            mean_value, mean_duration_seconds
        FROM (SELECT range AS hour, coalesce(sum((hours >> range) & 1), 0)::BIGINT AS entities
              FROM range(24) LEFT JOIN users ON true GROUP BY hour)
        LEFT JOIN (SELECT hour(session_start) AS hour, count(*) AS count, {_MEANS} FROM events GROUP BY 1) USING (hour)
        ORDER BY hour""",
}


def _summary() -> str:
    """One row a column, in the contract's order."""
    quantiles = ", ".join(f"{_quantile(share)} AS {name}" for name, share in SHARES.items())
    counts = ", ".join(f"count({name}) AS {name}" for name in COLUMNS)
    times = [
        f"SELECT '{name}' AS name, count(DISTINCT {name}) AS distinct, min({name})::VARCHAR AS minimum, "
        f"max({name})::VARCHAR AS maximum FROM events"
        for name in ("session_start", "session_end")
    ]
    described = " UNION ALL ".join(
        f"SELECT {place} AS place, '{name}' AS name, '{type_}' AS type, nullif('{role}', '') AS role"
        for place, (name, (type_, role)) in enumerate(COLUMNS.items())
    )
    return f"""WITH filled AS (SELECT count(*) AS all_rows, {counts} FROM events),
        counts AS (UNPIVOT filled ON {", ".join(COLUMNS)} INTO NAME name VALUE count),
        found AS (SELECT 'user_id' AS name, count(*) AS distinct FROM users
            UNION ALL BY NAME {" UNION ALL BY NAME ".join(times)}
            UNION ALL BY NAME SELECT name AS name, count(*) AS distinct, min(text) AS minimum, max(text) AS maximum,
                min(length(text)) AS min_length, max(length(text)) AS max_length,
                (sum(length(text) * n) / sum(n)) AS mean_length FROM texts GROUP BY name
            UNION ALL BY NAME SELECT 'value' AS name, count(*) AS distinct, min(x)::DECIMAL(18, 2)::VARCHAR AS minimum,
                max(x)::DECIMAL(18, 2)::VARCHAR AS maximum, {quantiles}
            FROM {_ranked("counted")} WHERE measure = 'value')
        SELECT name AS "column", type, role, count, all_rows - count AS missing, missing / all_rows AS missing_share,
            found.* EXCLUDE (name), mean, std
        FROM ({described}) JOIN counts USING (name) JOIN found USING (name)
        LEFT JOIN (SELECT measure AS name, mean, std FROM bounds) USING (name) ORDER BY place"""


_QUERIES["column_summary"] = _summary()

_MOMENTS = ", ".join(f"count({one}), sum({one}), avg({one}), stddev_samp({one})" for one in ("duration", "value"))
_REST = (
    "SELECT date_trunc('hour', session_start), count(*), sum(value) FROM events GROUP BY 1",
    "SELECT first_seen::DATE, count(*) FROM users GROUP BY 1",
    *(f"SELECT quantile_cont({one}, {list(SHARES.values())}) FROM events" for one in ("session_start", "session_end")),
    "SELECT count(*), sum(duration * value), corr(duration, value) FROM events WHERE duration + value IS NOT NULL",
    f"SELECT event_type, {_MOMENTS} FROM events GROUP BY event_type",
    *(
        f"WITH q AS (SELECT event_type, quantile_cont({x}, [0.25, 0.5, 0.75]) AS q, mad({x}) AS mad FROM events "
        f"GROUP BY ALL) SELECT event_type, mad, q, count(*) FROM events JOIN q USING (event_type) "
        f"WHERE {x} < q[1] - {FENCE} * (q[3] - q[1]) OR {x} > q[3] + {FENCE} * (q[3] - q[1]) GROUP BY ALL"
        for _, x in _MEASURES.values()
    ),
    "SELECT * FROM texts QUALIFY row_number() OVER (PARTITION BY name ORDER BY n DESC, text) <= 10",
    "SELECT * FROM counted QUALIFY row_number() OVER (PARTITION BY measure ORDER BY n DESC, x) <= 10",
    "SELECT measure, floor(x), sum(n) FROM counted GROUP BY ALL",
    *(f"SELECT {one}::DATE, count(*) FROM events GROUP BY 1" for one in ("session_start", "session_end")),
)
