"""A store in each kind of database, and letters to put there."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tasks.dead_letters.letter import LETTER_SCHEMA
from tasks.dead_letters.models import BatchFacts
from tasks.dead_letters.replays import ReplayFacts
from tasks.dead_letters.store import DeadLetterStore, open_store


@pytest.fixture
def store(url: str) -> Iterator[DeadLetterStore]:
    with open_store(url) as opened:
        yield opened


def reason(
    code: str = "too_few_fields", column: str | None = None, message: str = "has too few fields"
) -> dict[str, Any]:
    return {
        "code": code,
        "rule_id": None,
        "column": column,
        "severity": "critical",
        "status": "failed",
        "message": message,
    }


def letter(line: int, raw: bytes | None = b"a,b\n", **other: Any) -> dict[str, Any]:
    return {
        "file": "file:///data/a.csv",
        "file_digest": "d1",
        "line": line,
        "last_line": line,
        "byte_offset": line * 10,
        "records": 1,
        "raw": raw,
        "stage": "parse",
        "reasons": [reason()],
    } | other


def batch(run_id: str = "run-1", day: int = 1, **other: Any) -> BatchFacts:
    facts = {"dataset": "events", "contract_digest": "c1", "suite_digest": "s1"}
    return BatchFacts(run_id=run_id, seen_at=datetime(2026, 11, day, tzinfo=UTC), **(facts | other))


def replay_facts(replay_id: str = "replay-1") -> ReplayFacts:
    return ReplayFacts(
        replay_id=replay_id,
        dataset="events",
        request="asked",
        actor="ann",
        repair="drop_nul",
        contract_digest="c",
        suite_digest="s",
        outcome={"released": 1},
    )


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes letters as the Parquet file that ingest and validate write."""

    def to_parquet(*letters: dict[str, Any]) -> Path:
        path = tmp_path / f"{uuid.uuid4().hex}.parquet"
        pl.DataFrame(list(letters), schema=LETTER_SCHEMA).write_parquet(path)
        return path

    return to_parquet
