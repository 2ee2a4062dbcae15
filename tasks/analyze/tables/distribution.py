"""Event distribution: how often each category occurs, and whether they occur evenly."""

from __future__ import annotations

from fractions import Fraction

import narwhals as nw
import polars as pl

from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.exact import exact_sums, shown
from tasks.analyze.look import Look
from tasks.analyze.plain import as_text
from tasks.analyze.schema import shaped, table_of

KEY = "__category"


def event_distribution(batch: BatchFrame, look: Look) -> pl.DataFrame:
    """Count and share of each category, most frequent first; rows without a category are left out."""
    name = batch.contract.roles.category or ""
    scales = [look.durations.scale] if look.durations else []
    scales += [look.value] if look.value else []
    sums = [exact_sums(scale, look.rows, with_squares=False) for scale in scales]
    measured = [column for scale in scales for column in scale.measure.columns]
    frame = batch.frame(name, *measured).filter(~nw.col(name).is_null())
    frame = frame.select(nw.col(name).alias(KEY), *(column for one in sums for column in one.columns))
    grouped = frame.group_by(KEY).agg(nw.len().alias("count"), *(part for one in sums for part in one.aggregates))
    counted = batch.collect(grouped).sort("count", KEY, descending=[True, False])
    for one in sums:
        counted = one.finish(counted)
    column = batch.contract.columns[name]
    labels = as_text(column, counted[KEY])
    if column.personal:
        labels = pl.Series([f"{name} {place}" for place in range(1, counted.height + 1)], dtype=pl.String)
    names = {
        "duration_seconds_mean": "mean_duration_seconds",
        "value_total": "total_value",
        "value_mean": "mean_value",
    }
    return counted.with_columns(labels.alias("category"), *_shares(counted["count"])).rename(names, strict=False)


def written(distribution: pl.DataFrame) -> pl.DataFrame:
    """The distribution as its table shows it."""
    return shaped("event_distribution", distribution)


def event_distribution_test(distribution: pl.DataFrame, look: Look) -> pl.DataFrame:
    """Pearson's chi-squared of the counts against a uniform distribution; one row."""
    counts = distribution["count"].to_list()
    total, categories = sum(counts), len(counts)
    row: dict[str, object] = {"categories": categories, "count": total, "missing": look.rows - total}
    if categories > 0:
        expected = Fraction(total, categories)
        chi_squared = sum((count - expected) ** 2 for count in counts) / expected
        row |= {"expected_count": shown(expected), "chi_squared": shown(chi_squared)}
        row |= {"degrees_of_freedom": categories - 1, "p_value": _p_value(chi_squared, categories - 1)}
    return table_of("event_distribution_test", [row])


def _p_value(chi_squared: Fraction, degrees: int) -> float | None:
    """How likely counts at least this uneven are if all categories are equally likely; None of a single category."""
    from scipy.special import gammaincc  # noqa: PLC0415  (scipy.special only, and only here: its import costs)

    return shown(float(gammaincc(degrees / 2, float(chi_squared / 2)))) if degrees else None


def _shares(counts: pl.Series) -> list[pl.Series]:
    total = int(counts.sum())
    running = counts.cum_sum().to_list()
    share = [shown(Fraction(count, total)) for count in counts.to_list()]
    cumulative = [shown(Fraction(count, total)) for count in running]
    return [pl.Series("share", share, dtype=pl.Float64), pl.Series("cumulative_share", cumulative, dtype=pl.Float64)]
