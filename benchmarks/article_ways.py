"""The article's work in pandas, Polars and DuckDB, each at its best, and by Sluice: `python -m benchmarks article`.

CSV to: sessions of each user (count, mean, sum, least, most and deviation of the duration), events by type with their
share, outliers of duration and value by the exact quartiles, rows and value by day and hour, a summary of each column.
Nothing of it is gated; all but Sluice lose what does not parse.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

_FORMAT = "%Y-%m-%d %H:%M:%S"


def pandas(path: Path) -> None:
    """Pandas 3: Arrow text, fixed formats, no lambdas."""
    import pandas as pd  # noqa: PLC0415  (only the way that is measured is imported)

    frame = pd.read_csv(path, engine="pyarrow", dtype_backend="pyarrow")
    for name in ("session_start", "session_end"):
        frame[name] = pd.to_datetime(frame[name], format=_FORMAT, errors="coerce")
    frame["duration"] = (frame["session_end"] - frame["session_start"]).dt.total_seconds()
    counted = frame["duration"].where(frame["duration"] >= 0)
    counted.groupby(frame["user_id"]).agg(["count", "mean", "sum", "min", "max", "std"])
    (frame["event_type"].value_counts(), frame["event_type"].value_counts(normalize=True))
    for measure in (counted, frame["value"].astype("float64")):
        low, high = measure.quantile([0.25, 0.75])
        spread = 1.5 * (high - low)
        frame[(measure < low - spread) | (measure > high + spread)]
    by_day = frame["session_start"].dt.floor("D")
    for key in (by_day, frame["session_start"].dt.hour):
        frame.groupby(key).agg(rows=("user_id", "size"), value=("value", "sum"))
    frame.describe()
    (frame.isna().sum(), frame.nunique())


def polars(path: Path) -> None:
    """Polars: one lazy plan for all tables."""
    import polars as pl  # noqa: PLC0415

    start, end = (pl.col(name).str.to_datetime(_FORMAT, strict=False, cache=False) for name in _TIMES)
    lasted = (pl.col("session_end") - pl.col("session_start")).dt.total_microseconds() / 1e6
    events = (
        pl.scan_csv(path, infer_schema=False)
        .with_columns(
            pl.col("user_id").cast(pl.Int64, strict=False),
            start.alias("session_start"),
            end.alias("session_end"),
            pl.col("value").cast(pl.Float64, strict=False),
        )
        .with_columns(pl.when(lasted >= 0).then(lasted).alias("duration"))
    )
    duration = pl.col("duration")
    sums = [duration.count().alias("n"), duration.mean().alias("mean"), duration.sum().alias("sum")]
    sums += [duration.min().alias("min"), duration.max().alias("max"), duration.std().alias("std")]
    plans = [events.group_by("user_id").agg(sums), events.group_by("event_type").len()]
    for measure in (duration, pl.col("value")):
        low, high = measure.quantile(0.25, "linear"), measure.quantile(0.75, "linear")
        plans.append(events.filter((measure < low - 1.5 * (high - low)) | (measure > high + 1.5 * (high - low))))
    moment = pl.col("session_start")
    trend = [pl.len(), pl.col("value").sum()]
    plans += [events.group_by(moment.dt.date()).agg(trend), events.group_by(moment.dt.hour()).agg(trend)]
    plans += [events.select(pl.all().null_count()), events.select(pl.all().n_unique())]
    plans += [events.select(pl.all().min()), events.select(pl.all().max())]
    pl.collect_all(plans, engine="streaming")


def duckdb(path: Path) -> None:
    """DuckDB: the file into a table, then exact SQL."""
    import duckdb as db  # noqa: PLC0415

    starts, ends = (f"try_strptime({name}, '{_FORMAT}') AS {name}" for name in _TIMES)
    run = db.connect().sql
    run(f"""
        CREATE TABLE events AS SELECT *, CASE WHEN session_end >= session_start
            THEN epoch_us(session_end - session_start) / 1e6 END AS duration
        FROM (SELECT try_cast(user_id AS BIGINT) AS user_id, {starts}, {ends}, event_type,
              try_cast(value AS DECIMAL(18, 2)) AS value, metadata FROM read_csv('{path}', all_varchar = true))
    """)
    asked = [
        "SELECT user_id, count(duration), avg(duration), sum(duration), min(duration), max(duration), "
        "stddev_samp(duration) FROM events GROUP BY user_id",
        "SELECT event_type, count(*), count(*) / sum(count(*)) OVER () FROM events GROUP BY event_type",
        "SELECT session_start::DATE, count(*), sum(value) FROM events GROUP BY 1",
        "SELECT hour(session_start), count(*), sum(value) FROM events GROUP BY 1",
    ]
    asked += [
        f"WITH q AS (SELECT quantile_cont({one}, [0.25, 0.75]) AS q FROM events) SELECT events.* FROM events, q "
        f"WHERE {one} < q[1] - 1.5 * (q[2] - q[1]) OR {one} > q[2] + 1.5 * (q[2] - q[1])"
        for one in ("duration::DOUBLE", "value::DOUBLE")
    ]
    columns = ("user_id", *_TIMES, "event_type", "value", "metadata")
    facts = ", ".join(f"count({one}), count(DISTINCT {one}), min({one}), max({one})" for one in columns)
    for query in [*asked, f"SELECT {facts}, avg(value), stddev_samp(value) FROM events"]:
        run(query).fetchall()


def sluice(path: Path) -> None:
    """Sluice: landing with every check, and every result table; no gate, no report."""
    from expectations.contract import load_contract  # noqa: PLC0415
    from tasks.analyze.batch import analyze_batch  # noqa: PLC0415
    from tasks.artifacts import ArtifactStore  # noqa: PLC0415
    from tasks.ingest.land import ingest_file  # noqa: PLC0415
    from tasks.sources import fingerprint  # noqa: PLC0415

    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        contract, store = load_contract("events"), ArtifactStore(Path(folder))
        landed = [ingest_file(source, contract, store) for source in fingerprint(str(path))]
        paths = [store.path(file.landed) for file in landed if file.landed is not None]
        analyze_batch(paths, contract, "polars", store)


def scan(path: Path) -> None:
    """The yardstick R: one Polars scan, all columns as text."""
    import polars as pl  # noqa: PLC0415

    pl.scan_csv(path, infer_schema=False).select(pl.all().count()).collect(engine="streaming")


_TIMES = ("session_start", "session_end")
WAYS: dict[str, Callable[[Path], None]] = {
    "scan": scan,
    "sluice": sluice,
    "polars": polars,
    "duckdb": duckdb,
    "pandas": pandas,
}

if __name__ == "__main__":
    WAYS[sys.argv[1]](Path(sys.argv[2]))
