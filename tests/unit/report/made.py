"""A run made by hand around real tables: what the stages before the report would hand on."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from expectations.contract import Contract
from tasks.analyze.batch import analyze_batch
from tasks.artifacts import ArtifactStore
from tasks.landed import landed_schema
from tasks.models import (
    Analysis,
    ArtifactRef,
    Dialect,
    FileRows,
    Finding,
    GateResult,
    LandedFile,
    Manifest,
    Rows,
    RuleResult,
    RunSummary,
    SourceRef,
    ValidatedBatch,
    ValidatedFile,
    Verdict,
)
from tasks.report.facts import DeadLetterDigest, FileCount, LetterSample, ReasonCount, RunFacts, RunStatus, SampleReason
from tasks.report.figures import draw_figures
from tasks.report.publish import publish_report

EVENTS = Contract.model_validate(
    {
        "dataset": "events",
        "columns": {
            "user_id": {"type": "integer", "required": True, "personal": True},
            "session_start": {"type": "datetime", "formats": ["%Y-%m-%d %H:%M:%S"]},
            "session_end": {"type": "datetime", "formats": ["%Y-%m-%d %H:%M:%S"]},
            "event_type": {"type": "string"},
            "value": {"type": "decimal", "scale": 2, "unit": "EUR"},
        },
        "roles": {
            "entity": "user_id",
            "start": "session_start",
            "end": "session_end",
            "category": "event_type",
            "value": "value",
        },
    }
)
STARTED = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


def events(rows: int, seed: int = 7, days: int = 40) -> pl.DataFrame:
    """Session events with weekly and daily rhythm, a heavy tail and a few outliers."""
    random_ = random.Random(seed)
    first = datetime(2026, 9, 1)  # noqa: DTZ001  (landed times are naive)
    kinds = ("view", "login", "cart", "purchase", "refund")
    made = []
    for _ in range(rows):
        day = random_.randrange(days)
        if (first + timedelta(days=day)).weekday() >= 5 and random_.random() < 0.5:
            day = max(0, day - 2)
        start = first + timedelta(days=day, seconds=int(min(86_399, max(0, random_.gauss(52_000, 15_000)))))
        lasted = random_.lognormvariate(5.2, 0.9) * (40 if random_.random() < 0.01 else 1)
        end = None if random_.random() < 0.05 else start + timedelta(seconds=int(lasted))
        kind = random_.choices(kinds, (55, 20, 13, 10, 2))[0]
        value = round(random_.lognormvariate(3.4, 0.8) * (30 if random_.random() < 0.004 else 1), 2)
        made.append((int(random_.paretovariate(0.9)) % 400, start, end, kind, value if kind == "purchase" else None))
    return table(made)


def table(rows: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
    """Accepted rows of the `EVENTS` contract."""
    names = list(EVENTS.columns)
    kinds = [landed_schema(EVENTS)[name] for name in names]
    loose = [pl.Float64 if kind == pl.Decimal else kind for kind in kinds]
    frame = pl.DataFrame(list(rows), schema=dict(zip(names, loose, strict=True)), orient="row")
    frame = frame.with_columns(pl.lit(2).alias("__line"), pl.lit(1).alias("__span"))
    return frame.cast(landed_schema(EVENTS))


def analysed(frame: pl.DataFrame, store: ArtifactStore, contract: Contract = EVENTS) -> Analysis:
    """The real analysis of some rows."""
    accepted = store.put(".parquet", frame.write_parquet)
    return analyze_batch([store.path(accepted)], contract, "polars", store)


def landed(uri: str = "data/raw/events_2026-09.csv", rows: FileRows | None = None, **fields: Any) -> LandedFile:
    """One file, as ingest leaves it."""
    given: dict[str, Any] = {
        "source": SourceRef(uri=uri, digest="5e" * 32, size_bytes=181_402),
        "file_format": "csv",
        "encoding": "cp1252",
        "encoding_confidence": 0.93,
        "dialect": Dialect(delimiter=";", line_end="\r\n"),
        "header": tuple(EVENTS.columns),
        "rows": rows or FileRows(read=3000, landed=2931, dead=52, blank=17),
        "findings": (Finding(code="extra_column", message="the column 'campaign' is not in the contract", count=12),),
    }
    return LandedFile(**(given | fields))


def batch(
    rows: Rows | None = None,
    verdict: Verdict = Verdict.WARNED,
    files: Sequence[LandedFile] | None = None,
    data_docs: ArtifactRef | None = None,
) -> ValidatedBatch:
    """A batch after the gate."""
    rows = rows or Rows(read=3000, accepted=2700, dead=243, duplicate=40, blank=17)
    source = (files or [landed()])[0].source
    gate = GateResult(
        verdict=verdict,
        reasons=("the warning expectation on event_type is not met",) if verdict != Verdict.PASSED else (),
        rules=(
            RuleResult(
                rule_id="r1",
                expectation_type="expect_column_values_to_be_in_set",
                columns=("event_type",),
                severity="warning",
                is_met=verdict == Verdict.PASSED,
                sentence="event_type is one of view, login, cart, purchase, refund",
                checked=2891,
                unexpected=120,
            ),
            RuleResult(
                rule_id="r2",
                expectation_type="expect_column_values_to_not_be_null",
                columns=("user_id",),
                severity="critical",
                is_met=True,
                sentence="user_id is never missing, at least 99 % of the time",
                checked=2891,
                unexpected=3,
            ),
            RuleResult(
                rule_id="r3",
                expectation_type="expect_table_row_count_to_be_between",
                columns=(),
                severity="info",
                is_met=True,
                sentence="there are at least 1,000 rows",
                observed="2891",
            ),
        ),
        data_docs=data_docs,
    )
    return ValidatedBatch(files=(ValidatedFile(source=source, rows=rows),), rows=rows, gate=gate)


def digest() -> DeadLetterDigest:
    """Some dead letters."""

    def sample(line: int, shown: str | None, *codes: str) -> LetterSample:
        return LetterSample(
            file="data/raw/events_2026-09.csv",
            line=line,
            last_line=line,
            shown=shown,
            note="personal values masked" if shown else "hidden (41 bytes): personal values cannot be told apart in it",
            reasons=tuple(SampleReason(code=code, column=None, message=f"{code} it is") for code in codes),
        )

    def reason(stage: str, code: str, records: int, *samples: LetterSample, **columns: int) -> ReasonCount:
        return ReasonCount(
            stage=stage,
            code=code,
            message="value is not a date of any of the contract's formats",
            letters=records,
            records=records,
            only=records - 1,
            columns=columns,
            files=1,
            samples=samples,
        )

    return DeadLetterDigest(
        letters=243,
        records=243,
        by_stage={"cast": 30, "gate": 191, "parse": 22},
        by_reason=(
            reason("gate", "gate_in_set", 120, sample(77, "‹masked›;2026-09-03 10:00:00;;lgoin;", "gate_in_set")),
            reason(
                "cast",
                "cast_datetime",
                30,
                sample(913, "‹masked›;31.09.2026;;view;", "cast_datetime", "cast_decimal"),
                session_start=22,
                session_end=8,
            ),
            reason("parse", "too_few_fields", 22, sample(14, None, "too_few_fields")),
        ),
        by_file=(FileCount(file="data/raw/events_2026-09.csv", stage="gate", letters=243, records=243),),
    )


def facts(status: RunStatus = "warned", **fields: Any) -> RunFacts:
    """A run."""
    given: dict[str, Any] = {
        "run_id": "20261102T080000000Z-4f1c2a",
        "dataset": "events",
        "engine": "polars",
        "status": status,
        "started_at": STARTED,
        "finished_at": STARTED + timedelta(seconds=14.2),
        "stage_seconds": {"ingest": 1.52, "validate": 8.1, "analyze": 0.84},
        "manifest": Manifest(
            contract_digest="c0" * 32,
            suite_digest="5f" * 32,
            settings={"engine": "polars", "input": "data/raw"},
            versions={"polars": "2.1.0", "prefect": "3.8.8"},
        ),
    }
    return RunFacts(**(given | fields))


def published(folder: Path, frame: pl.DataFrame | None = None, contract: Contract = EVENTS, **given: Any) -> RunSummary:
    """A whole report into `folder/run`, by real tables and plots."""
    store = ArtifactStore(folder / "store")
    analysis = analysed(events(2700) if frame is None else frame, store, contract)
    parts: dict[str, Any] = {
        "run": facts(),
        "landed": [landed()],
        "batch": batch(),
        "analysis": analysis,
        "figures": draw_figures(analysis, contract, store),
        "letters": digest(),
    }
    parts |= given
    return publish_report(**parts, contract=contract, store=store, run_dir=folder / "run")
