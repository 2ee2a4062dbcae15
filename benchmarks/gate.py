"""Great Expectations on Polars against Great Expectations on pandas and against the same masks in bare Polars.

    python -m benchmarks.gate --rows 10000000
    python -m benchmarks.gate --rows 10000000 --ways polars polars60 polars_all_bad
    python -m benchmarks.gate --rows 1000000 --ways polars pandas pandas_complete
    python -m benchmarks.gate --rows 50000000 --ways unique

Every way runs in a process of its own, one after the other, on the same Parquet file (about 1 % bad rows of eight
kinds). CPU seconds (user and system, all threads) are counted from the loaded interpreter on: imports are left out for
all, reading the file for pandas too. On a busy machine only the ratios within one run mean something.
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

BLOCK_ROWS = 1_000_000
EVENT_TYPES = ["view", "click", "search", "purchase", "login", "logout"]
BAD_SHARE = 0.01


def write_events(path: Path, rows: int, bad_share: float) -> None:
    """Events as Parquet, in blocks, with a share of bad rows of eight kinds."""
    blocks = [
        pl.defer(_block_maker(start, min(BLOCK_ROWS, rows - start), rows, bad_share), schema=SCHEMA)
        for start in range(0, rows, BLOCK_ROWS)
    ]
    pl.concat(blocks).sink_parquet(path, compression="lz4", engine="streaming")


SCHEMA = pl.Schema(
    {
        "event_id": pl.String(),
        "user_id": pl.Int64(),
        "session_start": pl.Datetime("us"),
        "session_end": pl.Datetime("us"),
        "event_type": pl.String(),
        "value": pl.Float64(),
        "metadata": pl.String(),
    }
)


def _block_maker(start: int, rows: int, total: int, bad_share: float) -> Callable[[], pl.DataFrame]:
    return lambda: _block(start, rows, total, bad_share)


def _block(start: int, rows: int, total: int, bad_share: float) -> pl.DataFrame:
    random = np.random.default_rng(start)
    number = np.arange(start, start + rows)
    begin = np.datetime64("2024-01-01", "us") + number * np.timedelta64(31_000_000_000_000 // total, "us")
    seconds = random.integers(1, 7200, rows).astype("timedelta64[s]")
    kind = np.where(random.random(rows) < bad_share, random.integers(1, 9, rows), 0)
    bad = pl.Series("bad", kind)
    frame = pl.DataFrame(
        {
            "event_id": pl.Series(number).cast(pl.String).str.zfill(12),
            "user_id": random.integers(1, max(2, total // 20), rows),
            "session_start": begin,
            "session_end": begin + seconds,
            "event_type": pl.Series(EVENT_TYPES).gather(random.integers(0, len(EVENT_TYPES), rows)),
            "value": np.round(random.exponential(50, rows), 2),
            "metadata": pl.Series(
                ["device=mobile&city=Köln", "device=desktop&city=Wien", "device=tablet&city=Gent"]
            ).gather(random.integers(0, 3, rows)),
        }
    ).with_columns(bad)
    return frame.select(
        event_id=pl.when(bad == 1).then(pl.lit("000000000007")).otherwise("event_id"),
        user_id=pl.when(bad != 2).then("user_id"),
        session_start="session_start",
        session_end=pl.when(bad == 3).then(pl.col("session_start") - pl.duration(minutes=1)).otherwise("session_end"),
        event_type=pl.when(bad == 4).then(pl.lit("banana")).otherwise("event_type"),
        value=pl.when(bad == 5).then(pl.lit(-1.0)).when(bad == 6).then(pl.lit(1e9)).otherwise("value"),
        metadata=pl.when(bad == 7).then(pl.lit("???")).when(bad == 8).then(pl.lit("")).otherwise("metadata"),
    ).match_to_schema(SCHEMA)


def suite_of(size: int) -> list[dict[str, Any]]:
    """Eleven expectations, or those and forty-nine more of the same kinds."""
    eleven: list[tuple[str, dict[str, Any]]] = [
        ("column_values_to_not_be_null", {"column": "user_id"}),
        ("column_values_to_be_unique", {"column": "event_id"}),
        ("column_values_to_be_in_set", {"column": "event_type", "value_set": EVENT_TYPES}),
        ("column_values_to_be_between", {"column": "value", "min_value": 0, "max_value": 100_000}),
        ("column_values_to_be_between", {"column": "session_start", "min_value": "2024-01-01T00:00:00"}),
        ("column_values_to_match_regex", {"column": "metadata", "regex": "^device=[a-z]+&city="}),
        ("column_value_lengths_to_be_between", {"column": "event_id", "min_value": 12, "max_value": 12}),
        (
            "column_pair_values_a_to_be_greater_than_b",
            {"column_A": "session_end", "column_B": "session_start", "or_equal": True},
        ),
        ("compound_columns_to_be_unique", {"column_list": ["event_id", "event_type"]}),
        ("column_mean_to_be_between", {"column": "value", "min_value": 0, "max_value": 1_000_000}),
        ("table_row_count_to_be_between", {"min_value": 1}),
    ]
    more: list[tuple[str, dict[str, Any]]] = []
    for number in range(7):
        more += [
            ("column_values_to_be_between", {"column": "user_id", "min_value": 0, "max_value": 10**9 + number}),
            ("column_values_to_be_between", {"column": "value", "min_value": -number, "max_value": 200_000 + number}),
            ("column_values_to_be_in_set", {"column": "event_type", "value_set": [*EVENT_TYPES, f"type{number}"]}),
            ("column_values_to_not_be_in_set", {"column": "metadata", "value_set": ["???", f"?{number}"]}),
            ("column_values_to_be_between", {"column": "session_end", "min_value": f"2023-01-0{number + 1}T00:00:00"}),
            ("column_value_lengths_to_be_between", {"column": "metadata", "min_value": 1, "max_value": 100 + number}),
            ("column_max_to_be_between", {"column": "value", "max_value": 1e10 + number}),
        ]
    chosen = (eleven + more)[:size]
    return [{"type": f"expect_{kind}", "kwargs": kwargs} for kind, kwargs in chosen]


def run_bare(parquet: Path) -> int:
    """The masks of the eleven expectations in bare Polars: flags, rejected rows, counts and aggregates."""
    events = pl.scan_parquet(parquet)
    twins = [_repeated(events, ["event_id"]), _repeated(events, ["event_id", "event_type"])]
    column = pl.col
    masks = [
        column("user_id").is_null(),
        _hash(["event_id"]).is_in(twins[0].implode()),
        ~column("event_type").is_in(EVENT_TYPES),
        ~column("value").is_between(0, 100_000),
        column("session_start") < pl.lit("2024-01-01").str.to_datetime(),
        ~column("metadata").str.contains("^device=[a-z]+&city="),
        ~column("event_id").str.len_chars().is_between(12, 12),
        column("session_end") < column("session_start"),
        _hash(["event_id", "event_type"]).is_in(twins[1].implode()),
    ]
    events.select(
        pl.len(), pl.mean("value"), *(pl.col(name).null_count().alias(f"no_{name}") for name in SCHEMA)
    ).collect(engine="streaming")
    target = parquet.with_suffix(".bare.parquet")
    names = [f"failed_{number}" for number in range(len(masks))]
    flagged = events.with_columns(
        mask.fill_null(value=False).alias(name) for name, mask in zip(names, masks, strict=True)
    )
    flagged.filter(pl.any_horizontal(names)).sink_parquet(target, compression="lz4", engine="streaming")
    return int(pl.scan_parquet(target).select(pl.len(), pl.col(names).sum()).collect().item(0, 0))


def _hash(names: list[str]) -> pl.Expr:
    return (pl.col(names[0]) if len(names) == 1 else pl.struct(names)).hash(seed=1)


def _repeated(events: pl.LazyFrame, names: list[str]) -> pl.Series:
    counted = events.select(key=_hash(names)).group_by("key").len().filter(pl.col("len") > 1)
    return counted.select("key").collect(engine="streaming").to_series()


def run_polars(parquet: Path, size: int) -> int:
    """The suite through `check_frame`: checkpoint, rejected rows; Data Docs too."""
    from expectations.polars_engine import check_frame, load_suite  # noqa: PLC0415  # imports are not measured

    suite = load_suite(json.dumps({"name": "gate", "expectations": suite_of(size)}))
    rejected = parquet.with_suffix(".rejected.parquet")
    with tempfile.TemporaryDirectory() as docs:
        check_frame(
            pl.scan_parquet(parquet), suite, keep=["event_id"], rejected_path=rejected, data_docs_dir=Path(docs)
        )
    return int(pl.scan_parquet(rejected).select(pl.len()).collect().item())


def write_keys(path: Path, rows: int) -> None:
    """So many different texts, and one of them twice."""

    def maker(start: int) -> Callable[[], pl.DataFrame]:
        stop = min(start + BLOCK_ROWS, rows)
        return lambda: pl.DataFrame({"key": pl.int_range(start, stop, eager=True).cast(pl.String).str.zfill(16)})

    blocks = [pl.defer(maker(start), schema={"key": pl.String}) for start in range(0, rows, BLOCK_ROWS)]
    twin = pl.LazyFrame({"key": ["0".zfill(16)]})
    pl.concat([*blocks, twin]).sink_parquet(path, compression="lz4", engine="streaming")


def run_unique(parquet: Path) -> int:
    """How many rows of the file of keys are not unique."""
    from expectations.polars_engine import check_frame, load_suite  # noqa: PLC0415

    rule = {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "key"}}
    suite = load_suite(json.dumps({"name": "keys", "expectations": [rule]}))
    rejected = parquet.with_suffix(".rejected.parquet")
    found = check_frame(pl.scan_parquet(parquet), suite, keep=["key"], rejected_path=rejected, data_docs_dir=None)
    return int(found.outcomes[0].unexpected or 0)


def run_pandas(frame: Any, result_format: dict[str, Any]) -> int:
    """The suite on Great Expectations' own engine; the frame is read already."""
    from expectations.polars_engine.context import ephemeral_context  # noqa: PLC0415
    from expectations.polars_engine.suite import load_suite  # noqa: PLC0415

    suite = load_suite(json.dumps({"name": "gate", "expectations": suite_of(11)}))
    source = ephemeral_context().data_sources.add_pandas("pandas")
    batch = source.add_dataframe_asset("events").add_batch_definition_whole_dataframe("all")
    result = batch.get_batch({"dataframe": frame}).validate(suite, result_format=result_format)
    return sum(one.result.get("unexpected_count") or 0 for one in result.results)


def measure(way: str, parquet: Path) -> dict[str, float]:
    """Run one way in this process."""
    importlib.import_module("expectations.polars_engine")
    frame = None
    if way.startswith("pandas"):
        import pandas as pd  # noqa: PLC0415
        from great_expectations.datasource.fluent import PandasDatasource  # noqa: PLC0415

        assert PandasDatasource.__fields__  # which is imported with its first use (decision 0037)
        frame = pd.read_parquet(parquet)
        frame[["session_start", "session_end"]] = frame[["session_start", "session_end"]].astype("datetime64[ns]")
    runs: dict[str, Callable[[], int]] = {
        "bare": lambda: run_bare(parquet),
        "polars": lambda: run_polars(parquet, 11),
        "polars60": lambda: run_polars(parquet, 60),
        "polars_all_bad": lambda: run_polars(parquet, 11),
        "unique": lambda: run_unique(parquet),
        "pandas": lambda: run_pandas(frame, {"result_format": "BASIC"}),
        "pandas_complete": lambda: run_pandas(
            frame, {"result_format": "COMPLETE", "unexpected_index_column_names": ["event_id"]}
        ),
    }
    before, wall = time.process_time(), time.perf_counter()
    found = runs[way]()
    cpu_seconds, wall_seconds = time.process_time() - before, time.perf_counter() - wall
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {"found": found, "cpu_seconds": cpu_seconds, "wall_seconds": wall_seconds, "peak_gb": peak_gb}


def main() -> None:
    """Make the events, run every way, print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--ways", nargs="+", default=["bare", "polars", "polars60", "pandas"])
    parser.add_argument("--folder", type=Path, help="where the events are kept between runs")
    parser.add_argument("--measure", nargs=2, metavar=("WAY", "PARQUET"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure[0], Path(options.measure[1]))))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        print(f"{options.rows:,} rows\n{'way':16}{'CPU s':>8}{'wall s':>8}{'peak GB':>9}{'found':>12}")
        for way in options.ways:
            share = 1.0 if way == "polars_all_bad" else BAD_SHARE
            parquet = folder / (f"keys_{options.rows}" if way == "unique" else f"events_{options.rows}_{share}")
            parquet = parquet.with_name(f"{parquet.name}.parquet")
            if not parquet.is_file() and way == "unique":
                write_keys(parquet, options.rows)
            elif not parquet.is_file():
                write_events(parquet, options.rows, share)
            command = [sys.executable, "-m", "benchmarks.gate", "--measure", way, str(parquet)]
            done = json.loads(
                subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
            )
            print(
                f"{way:16}{done['cpu_seconds']:8.2f}{done['wall_seconds']:8.2f}{done['peak_gb']:9.2f}{done['found']:12,}"
            )


if __name__ == "__main__":
    main()
