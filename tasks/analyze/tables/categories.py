"""Tables about categories, from their counts."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import polars as pl

from tasks.analyze.chi_squared import chi_squared_tail
from tasks.analyze.exact import shown
from tasks.analyze.look import Look
from tasks.analyze.measures import DURATION, VALUE
from tasks.analyze.schemas import shaped, table_of
from tasks.analyze.spread import CATEGORY, Spread
from tasks.analyze.sums import sums_by_category

_NAMES = {f"{DURATION}_mean": "mean_duration_seconds", f"{VALUE}_total": "total_value", f"{VALUE}_mean": "mean_value"}


def event_distribution(counts: pl.DataFrame, spreads: Mapping[str, Spread]) -> pl.DataFrame:
    """Count, share and sums of each category.

    Args:
        counts: `category_counts`, named.
        spreads: durations and values by category.
    """
    distribution = counts.with_columns(_shares(counts["count"]))
    for name, spread in spreads.items():
        sums = sums_by_category(spread)
        distribution = distribution.join(sums, on=CATEGORY, how="left", maintain_order="left")
        distribution = distribution.with_columns(pl.col(f"{name}_total").fill_null(0.0))
    return shaped("event_distribution", distribution.rename(_NAMES, strict=False))


def event_distribution_test(distribution: pl.DataFrame, look: Look) -> pl.DataFrame:
    """Pearson's chi-squared of the counts against a uniform distribution; one row."""
    counts = distribution["count"].to_list()
    total, categories = sum(counts), len(counts)
    row: dict[str, object] = {"categories": categories, "count": total, "missing": look.rows - total}
    if categories > 0:
        expected = Fraction(total, categories)
        chi_squared = Fraction(sum(count * count for count in counts) * categories, total) - total
        row |= {"expected_count": shown(expected), "chi_squared": shown(chi_squared)}
        row |= {"degrees_of_freedom": categories - 1, "p_value": _p_value(chi_squared, categories - 1)}
    return table_of("event_distribution_test", [row])


def _p_value(chi_squared: Fraction, degrees: int) -> float | None:
    """How likely counts at least this uneven are if all categories are equally likely; None of a single category."""
    return shown(chi_squared_tail(float(chi_squared), degrees)) if degrees else None


def _shares(counts: pl.Series) -> list[pl.Series]:
    total = int(counts.sum())
    share = [shown(Fraction(count, total)) for count in counts.to_list()]
    cumulative = [shown(Fraction(count, total)) for count in counts.cum_sum().to_list()]
    return [pl.Series("share", share, dtype=pl.Float64), pl.Series("cumulative_share", cumulative, dtype=pl.Float64)]
