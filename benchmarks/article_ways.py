"""The article's work in pandas, Polars and DuckDB, each at its best, and by Sluice: `python -m benchmarks article`.

Equal work: pandas, Polars and DuckDB make the seven tables that benchmarks/article_tables.py names, as docs/tables.md
describes them, with all their columns and no other; a test holds each against Sluice's own, value by value. Nothing is
gated; what does not parse is lost in Polars and DuckDB, and stops pandas. Sluice makes all its tables, which are more:
`duckdb_all` is DuckDB with what those say. The article's pipeline is left as it was, faults and all.

A way is run by the Python it is measured on, which need not be the project's: it imports what it needs itself.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

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


def pandas(path: Path) -> dict[str, Any]:
    """Pandas 3 as somebody writes it who knows it well."""
    from benchmarks.article_pandas import tables  # noqa: PLC0415

    return tables(path)


def pandas_by_hand(path: Path) -> dict[str, Any]:
    """Pandas 3 for what it is best at, Arrow and numpy for the rest."""
    from benchmarks.article_pandas_by_hand import tables  # noqa: PLC0415

    return tables(path)


def polars(path: Path) -> dict[str, Any]:
    """Polars at its best."""
    from benchmarks.article_polars import tables  # noqa: PLC0415

    return tables(path)


def duckdb(path: Path) -> dict[str, Any]:
    """DuckDB at its best, exact."""
    from benchmarks.article_duckdb import tables  # noqa: PLC0415

    return tables(path)


def duckdb_all(path: Path) -> None:
    """DuckDB with what the rest of Sluice's tables say, too."""
    from benchmarks.article_duckdb import all_tables  # noqa: PLC0415

    all_tables(path)


def sluice(path: Path) -> None:
    """Sluice: landing with every check, and all its result tables, the seven and the others; no gate, no report."""
    import flows  # noqa: F401, PLC0415  (sets the process up as that of a run)
    from expectations.contract import load_contract  # noqa: PLC0415
    from flows.garbage import leave_the_rest  # noqa: PLC0415
    from tasks.analyze.batch import analyze_batch  # noqa: PLC0415
    from tasks.artifacts import ArtifactStore  # noqa: PLC0415
    from tasks.ingest.land import ingest_file  # noqa: PLC0415
    from tasks.sources import fingerprint  # noqa: PLC0415

    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        contract, store = load_contract("events"), ArtifactStore(Path(folder))
        landed = [ingest_file(source, contract, store) for source in fingerprint(str(path))]
        paths = [store.path(file.landed) for file in landed if file.landed is not None]
        analyze_batch(paths, contract, "polars", store)
    leave_the_rest()  # as a run does at its end


def scan(path: Path) -> None:
    """The yardstick R: one Polars scan, all columns as text."""
    import polars as pl  # noqa: PLC0415

    pl.scan_csv(path, infer_schema=False).select(pl.all().count()).collect(engine="streaming")


WAYS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "scan": ("Polars scan as text (R)", scan),
    "sluice": ("Sluice, landing and analysis", sluice),
    "duckdb": ("DuckDB, written well, exact", duckdb),
    "duckdb_all": ("DuckDB, all that Sluice's tables say", duckdb_all),
    "polars": ("Polars, written well", polars),
    "pandas": ("pandas 3, written well", pandas),
    "pandas_by_hand": ("pandas 3, Arrow and numpy by hand", pandas_by_hand),
    "article": ("the article's pandas, written anew", article),
}

if __name__ == "__main__":
    WAYS[sys.argv[1]][1](Path(sys.argv[2]))
