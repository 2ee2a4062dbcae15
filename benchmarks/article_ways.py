"""The article's work in pandas, Polars and DuckDB, each at its best, and by Sluice: `python -m benchmarks article`.

CSV to: sessions of each user (count, mean, sum, least, most and deviation of the duration), events by type with their
share, outliers of duration and value by the exact quartiles, rows and value by day and hour, a summary of each column.
Nothing of it is gated; all but Sluice lose what does not parse. Sluice makes its own tables, which are more
(docs/tables.md): `duckdb_all` is DuckDB with those.

A way is run by the Python it is measured on, which need not be the project's: it imports what it needs itself.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

_FORMAT = "%Y-%m-%d %H:%M:%S"
_TIMES = ("session_start", "session_end")


def article(path: Path) -> None:
    """The article's own pandas pipeline, written anew from what is known of it, so that it runs on pandas 2.1 and 3.

    Chunks that are joined at once, dates parsed by guess, text cast to text, a missing end taken from the row below,
    durations cut to whole seconds, deviations by a lambda for each user, days as Python objects.
    """
    import pandas as pd  # noqa: PLC0415  (only the way that is measured is imported)

    frame = pd.concat(list(pd.read_csv(path, chunksize=100_000)), ignore_index=True)
    for name in _TIMES:
        frame[name] = pd.to_datetime(frame[name], errors="coerce")
    frame["session_end"] = frame["session_end"].bfill()
    for name in ("user_id", "event_type", "metadata"):
        frame[name] = frame[name].astype(str)
    frame["value"] = pd.to_numeric(frame["value"], errors="coerce")
    lasted = (frame["session_end"] - frame["session_start"]).dt.total_seconds()
    frame["duration"] = lasted.fillna(0).astype(int)
    frame["is_anomaly"] = frame["duration"] <= 0
    frame.groupby("user_id").agg(
        sessions=("session_start", "count"),
        total=("duration", "sum"),
        mean=("duration", "mean"),
        least=("duration", "min"),
        most=("duration", "max"),
        deviation=("duration", lambda seconds: seconds.std(ddof=0)),
        first=("session_start", "min"),
        last=("session_start", "max"),
    )
    (frame["event_type"].value_counts(), frame["event_type"].value_counts(normalize=True))
    for measure in (frame["duration"], frame["value"]):
        low, high = measure.quantile(0.25), measure.quantile(0.75)
        spread = 1.5 * (high - low)
        frame[(measure < low - spread) | (measure > high + spread)]
        frame[((measure - measure.median()) / measure.std()).abs() > 3]
    for key in (frame["session_start"].dt.date, frame["session_start"].dt.hour):
        frame.groupby(key).agg(rows=("user_id", "count"), value=("value", "sum"), users=("user_id", "nunique"))
    frame.describe(include="all")
    (frame.isna().sum(), frame.nunique())


def pandas(path: Path) -> None:
    """Pandas 3 at its best: Arrow's reader, which parses dates as well, and no lambdas."""
    import pandas as pd  # noqa: PLC0415

    frame = pd.read_csv(path, engine="pyarrow")
    for name in _TIMES:
        if not pd.api.types.is_datetime64_any_dtype(frame[name]):
            frame[name] = pd.to_datetime(frame[name], format=_FORMAT, errors="coerce")
    frame["event_type"] = frame["event_type"].astype("category")
    frame["duration"] = (frame["session_end"] - frame["session_start"]).dt.total_seconds()
    counted = frame["duration"].where(frame["duration"] >= 0)
    counted.groupby(frame["user_id"]).agg(["count", "mean", "sum", "min", "max", "std"])
    events = frame["event_type"].value_counts()
    assert events.div(events.sum()).sum() > 0
    for measure in (counted, frame["value"]):
        low, high = measure.quantile([0.25, 0.75])
        spread = 1.5 * (high - low)
        frame[(measure < low - spread) | (measure > high + spread)]
    for key in (frame["session_start"].dt.floor("D"), frame["session_start"].dt.hour):
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


def _duckdb(path: Path) -> None:
    from benchmarks.article_sql import tables  # noqa: PLC0415

    tables(path)


def _duckdb_all(path: Path) -> None:
    from benchmarks.article_sql import all_tables, tables  # noqa: PLC0415

    all_tables(tables(path))


WAYS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "scan": ("Polars scan as text (R)", scan),
    "sluice": ("Sluice, landing and analysis", sluice),
    "duckdb": ("DuckDB, exact", _duckdb),
    "duckdb_all": ("DuckDB, all that Sluice's tables say", _duckdb_all),
    "polars": ("Polars, one lazy plan", polars),
    "pandas": ("pandas 3, written well", pandas),
    "article": ("the article's pandas, written anew", article),
}

if __name__ == "__main__":
    WAYS[sys.argv[1]][1](Path(sys.argv[2]))
