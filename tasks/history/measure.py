"""What is kept of a run: its balance, totals and distributions, from the small result tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import polars as pl

from tasks.artifacts import ArtifactStore
from tasks.history.models import RunMeasures
from tasks.models import Analysis, RunSummary

_MOST_CATEGORIES = 50
_REST = "all others"
# Numbers that say little when compared, or follow from others.
_NOT_COMPARED = frozenset({"rows", "first_seen", "last_seen"})


def measure_run(summary: RunSummary, analysis: Analysis | None, store: ArtifactStore) -> RunMeasures:
    """Measure a run.

    Args:
        summary: the run.
        analysis: its result tables; None where it has none.
        store: where those lie.
    """
    tables = _Tables(analysis, store)
    totals = tables.row("batch_totals")
    return RunMeasures(
        run_id=summary.run_id,
        dataset=summary.dataset,
        status=summary.status,
        started_at=summary.started_at,
        finished_at=summary.finished_at,
        input_digest=digest_of_input(file.digest for file in summary.files),
        contract_digest=summary.manifest.contract_digest,
        suite_digest=summary.manifest.suite_digest,
        files=len(summary.files),
        rows=summary.rows,
        dead_by_reason=summary.dead_by_reason,
        totals={name: float(value) for name, value in totals.items() if _is_compared(name, value)},
        last_seen=_aware(totals.get("last_seen")),
        missing=tables.pairs("column_summary", "column", "missing_share"),
        shares={name: shares for name, shares in _shares(tables).items() if shares},
    )


class _Tables:
    """The result tables, each empty where there is none."""

    def __init__(self, analysis: Analysis | None, store: ArtifactStore) -> None:
        self._refs = analysis.tables if analysis else {}
        self._store = store

    def read(self, name: str) -> pl.DataFrame | None:
        ref = self._refs.get(name)
        return None if ref is None else pl.read_parquet(self._store.path(ref))

    def row(self, name: str) -> dict[str, Any]:
        table = self.read(name)
        return {} if table is None or table.is_empty() else table.row(0, named=True)

    def pairs(self, name: str, key: str, value: str) -> dict[str, float]:
        table = self.read(name)
        if table is None:
            return {}
        return dict(table.select(pl.col(key).cast(pl.String), pl.col(value).cast(pl.Float64)).drop_nulls().iter_rows())


def digest_of_input(digests: Iterable[str]) -> str:
    """What a run's files are together, whatever their order."""
    return hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest()


def _is_compared(name: str, value: object) -> bool:
    return name not in _NOT_COMPARED and isinstance(value, int | float) and not isinstance(value, bool)


def _aware(moment: object) -> datetime | None:
    if not isinstance(moment, datetime):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _shares(tables: _Tables) -> dict[str, dict[str, float]]:
    hours = tables.pairs("hourly_trend", "hour", "count")
    return {
        "category": _most_frequent(tables.pairs("event_distribution", "category", "share")),
        "hour": _to_shares(hours),
        "weekday": _to_shares(_by_weekday(tables.read("daily_trend"))),
        **{f"mix.{column}": mix for column, mix in _mixes(tables).items()},
        **{f"spread.{column}": _to_shares(bands) for column, bands in _bands(tables.read("column_bands")).items()},
    }


def _mixes(tables: _Tables) -> dict[str, dict[str, float]]:
    """Shares of the most frequent texts and truth values of each column, but the category's: that is whole already."""
    summary, top = tables.read("column_summary"), tables.read("column_top_values")
    if summary is None or top is None:
        return {}
    is_mixed = pl.col("type").is_in(["string", "boolean"]) & ~pl.col("role").fill_null("").str.contains("category")
    shares: dict[str, dict[str, float]] = {}
    for column, value, share in (
        top.join(summary.filter(is_mixed), on="column", how="semi").select("column", "value", "share").iter_rows()
    ):
        shares.setdefault(column, {})[value] = share
    return {column: mix | _remainder(mix) for column, mix in shares.items()}


def _remainder(shares: dict[str, float]) -> dict[str, float]:
    rest = 1 - sum(shares.values())
    return {_REST: rest} if rest > 1e-9 else {}  # shares are rounded to 12 digits


def _bands(table: pl.DataFrame | None) -> dict[str, dict[str, float]]:
    """Counts of each numeric column by band, `10 to 12`."""
    bands: dict[str, dict[str, float]] = {}
    if table is not None:
        for column, lower, upper, count in table.iter_rows():
            name = f"{lower} to {upper}" if lower and upper else f"{lower} or more" if lower else f"below {upper}"
            bands.setdefault(column, {})[name] = float(count)
    return bands


def _most_frequent(shares: dict[str, float]) -> dict[str, float]:
    ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    rest = sum(share for _, share in ordered[_MOST_CATEGORIES:])
    return dict(ordered[:_MOST_CATEGORIES]) | ({_REST: rest} if rest else {})


def _by_weekday(days: pl.DataFrame | None) -> dict[str, float]:
    if days is None:
        return {}
    counted = days.group_by(pl.col("day").dt.to_string("%A").alias("weekday")).agg(pl.col("count").sum())
    return {str(weekday): float(count) for weekday, count in counted.sort("weekday").iter_rows()}


def _to_shares(counts: dict[str, float]) -> dict[str, float]:
    total = sum(counts.values())
    return {name: count / total for name, count in counts.items()} if total else {}
