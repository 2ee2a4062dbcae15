"""The part of the gate that looks beyond the batch: is it fresh, and as large as batches usually are?"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl

from flows.run import Run
from flows.run_history import past_runs
from tasks.history.arrival import judge_arrival, stale, unusual_volume
from tasks.history.measure import digest_of_input
from tasks.models import ValidatedBatch


def judged_on_arrival(run: Run, batch: ValidatedBatch) -> ValidatedBatch:
    """The batch with freshness and volume in its verdict, as far as the contract asks for them."""
    if not run.is_arrival:
        return batch
    policy = run.contract.baseline
    reasons: list[str] = []
    if policy.freshness_hours is not None:
        reasons += stale(_newest(run, batch), run.started_at, policy)
    if policy.volume_share is not None:
        digest = digest_of_input(file.source.digest for file in batch.files)
        reasons += unusual_volume(batch.rows.accepted, digest, past_runs(run) or [], policy)
    return batch.model_copy(update={"gate": judge_arrival(batch.gate, reasons, policy)})


def _newest(run: Run, batch: ValidatedBatch) -> datetime | None:
    """When the newest accepted row starts; times without a zone are on the contract's clock."""
    start = run.contract.roles.start
    paths = [run.store.path(file.accepted) for file in batch.files if file.accepted is not None]
    if start is None or not paths:
        return None
    newest = pl.scan_parquet(paths, extra_columns="ignore").select(pl.col(start).max()).collect(engine="streaming")
    moment = newest.item()
    if moment is None or not isinstance(moment, datetime):
        return None
    zone = ZoneInfo(run.contract.display.time_zone)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
