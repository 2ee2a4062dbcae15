"""Days as an even series: in steps of a day, a week or a month, without a few that are far off."""

from __future__ import annotations

from datetime import date

import polars as pl

_MOST_DAYS, _MOST_WEEKS = 370, 1_500  # days in all, up to which days and weeks are told apart
# Days far off are left out if they hold at most this share of the rows, at either end, and make the span this many
# times as long.
_STRAY_SHARE, _STRAY_TIMES = 0.005, 5


def without_strays(table: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The days without a few far-off ones (a clock set to 1970) that would squeeze all others, and how many rows go."""
    ordered = table.sort("day")
    share = ordered["count"] / ordered["count"].sum()
    up_to = share.cum_sum()
    usual = ordered.filter((up_to > _STRAY_SHARE) & (up_to - share < 1 - _STRAY_SHARE))
    if usual.is_empty() or _span(usual["day"]) * _STRAY_TIMES >= _span(ordered["day"]):
        return ordered, 0
    return usual, int(ordered["count"].sum()) - int(usual["count"].sum())


def step(days: pl.Series) -> str:
    """How long a step is drawn: 1d, 1w or 1mo."""
    span = _span(days)
    return "1d" if span <= _MOST_DAYS else "1w" if span <= _MOST_WEEKS else "1mo"


def regular(table: pl.DataFrame, every: str) -> pl.DataFrame:
    """`day, count, total_value` at even steps: a step without rows has none, rather than being left out."""
    sums = [pl.col(name).sum() for name in ("count", "total_value") if name in table.columns]
    if table["total_value"].null_count() == table.height:
        sums = sums[:1]
    counted = table.group_by(pl.col("day").dt.truncate(every)).agg(sums)
    starts = pl.select(day=pl.date_range(*_ends(counted["day"]), every))
    return starts.join(counted, on="day", how="left", maintain_order="left").fill_null(0)


def _span(days: pl.Series) -> int:
    first, last = _ends(days)
    return (last - first).days + 1


def _ends(days: pl.Series) -> tuple[date, date]:
    first, last = days.min(), days.max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    return first, last
