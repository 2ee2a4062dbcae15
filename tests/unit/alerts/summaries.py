"""Runs to tell of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from tasks.models import GateResult, Manifest, Rows, RunSummary, Verdict


def summary(status: Literal["passed", "warned", "stopped", "failed"], run_id: str = "r-1") -> RunSummary:
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    return RunSummary(
        run_id=run_id,
        dataset="events",
        status=status,
        engine="polars",
        rows=Rows(read=1000, accepted=700, dead=250, duplicate=40, blank=10),
        dead_by_reason={"too_few_fields": 200, "cast_integer": 50},
        files=(),
        gate=GateResult(verdict=Verdict.STOPPED, reasons=("25.0% of the rows were rejected & more",)),
        tables={},
        report="report.html",
        started_at=moment,
        finished_at=moment,
        stage_seconds={},
        manifest=Manifest(contract_digest="", suite_digest="", settings={}, versions={}),
    )
