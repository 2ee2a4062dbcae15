"""The ways from a CSV file of events to Parquet that `benchmarks.read` measures, each in a process of its own.

Each way imports what it needs before the clock starts, and nothing that another way needs.
"""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

Cost = dict[str, float]
_TIME = "%Y-%m-%d %H:%M:%S"


def measure(way: str, path: Path) -> Cost:
    """Run one way in this process.

    Returns:
        `cpu_seconds` without the imports, `peak_megabytes` of the whole process, and what the way itself counts.
    """
    with tempfile.TemporaryDirectory(prefix="sluice_read_") as folder:
        run = _WAYS[way](path, Path(folder))
        before = resource.getrusage(resource.RUSAGE_SELF)
        counted = run()
        after = resource.getrusage(resource.RUSAGE_SELF)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"cpu_seconds": seconds, "peak_megabytes": after.ru_maxrss / 1024, **(counted or {})}


def _sluice(path: Path, folder: Path) -> Callable[[], Cost]:
    import flows  # noqa: F401, PLC0415 - sets the process up as that of a run
    from expectations.contract import load_contract  # noqa: PLC0415 - see above
    from tasks.artifacts import ArtifactStore  # noqa: PLC0415
    from tasks.ingest.land import ingest_file  # noqa: PLC0415
    from tasks.sources import fingerprint  # noqa: PLC0415

    import_module("numpy.ma")  # or it would be loaded while measured
    (source,) = fingerprint(str(path))
    contract, store = load_contract("events"), ArtifactStore(folder)

    def run() -> Cost:
        done = ingest_file(source, contract, store)
        letters = (done.dead_letters.rows or 0) if done.dead_letters else 0
        return {"read": done.rows.read, "landed": done.rows.landed, "letters": letters}

    return run


def _polars(path: Path, folder: Path) -> Callable[[], None]:
    return _sink(_eight_columns(path), folder)


def _polars_default(path: Path, folder: Path) -> Callable[[], None]:
    return lambda: _eight_columns(path).sink_parquet(folder / "out.parquet")


def _polars_snappy(path: Path, folder: Path) -> Callable[[], None]:
    return lambda: _eight_columns(path).sink_parquet(folder / "out.parquet", compression="snappy")


def _eight_columns(path: Path) -> pl.LazyFrame:
    import polars as pl  # noqa: PLC0415

    provenance = [pl.col("__line").cast(pl.Int64), pl.lit(1, pl.UInt32).alias("__span")]
    if path.suffix == ".ndjson":
        scan, casts = pl.scan_ndjson(path).with_row_index("__line", offset=1), _casts(_TIME.replace(" ", "T"))
    else:
        scan, casts = pl.scan_csv(path, infer_schema=False).with_row_index("__line", offset=2), _casts()
    return scan.select(*casts, *provenance)


def _polars6(path: Path, folder: Path) -> Callable[[], None]:
    import polars as pl  # noqa: PLC0415

    return _sink(pl.scan_csv(path, infer_schema=False).select(*_casts()), folder)


def _casts(time: str = _TIME) -> list[pl.Expr]:
    import polars as pl  # noqa: PLC0415

    return [
        pl.col("user_id").cast(pl.Int64, strict=False),
        pl.col("session_start", "session_end").str.to_datetime(time, strict=False, cache=False, time_unit="us"),
        pl.col("event_type"),
        pl.col("value").cast(pl.Decimal(18, 2), strict=False),
        pl.col("metadata"),
    ]


def _sink(frame: pl.LazyFrame, folder: Path) -> Callable[[], None]:
    return lambda: frame.sink_parquet(folder / "out.parquet", compression="zstd", compression_level=1)


def _pandas(path: Path, folder: Path) -> Callable[[], None]:
    import pandas as pd  # noqa: PLC0415
    import pyarrow.parquet  # noqa: F401, PLC0415 - or it would be loaded while measured

    def run() -> None:
        frame = pd.read_csv(path, dtype={"user_id": "Int64", "value": "float64", "event_type": "str"})
        for name in ("session_start", "session_end"):
            frame[name] = pd.to_datetime(frame[name], format=_TIME)
        frame.to_parquet(folder / "out.parquet", compression="zstd", compression_level=1)

    return run


def _duckdb(path: Path, folder: Path) -> Callable[[], None]:
    import duckdb  # noqa: PLC0415

    text = duckdb.read_csv(str(path), all_varchar=True)
    times = (f"try_strptime({name}, '{_TIME}') AS {name}" for name in ("session_start", "session_end"))
    casts = ("try_cast(user_id AS BIGINT) AS user_id", *times, "event_type")
    typed = text.project(", ".join([*casts, "try_cast(value AS DECIMAL(18, 2)) AS value", "metadata"]))
    return lambda: typed.write_parquet(str(folder / "out.parquet"), compression="zstd")


_WAYS: dict[str, Callable[[Path, Path], Callable[[], Cost | None]]] = {
    "sluice": _sluice,
    "polars": _polars,
    "polars_default": _polars_default,
    "polars_snappy": _polars_snappy,
    "polars6": _polars6,
    "pandas": _pandas,
    "duckdb": _duckdb,
}
