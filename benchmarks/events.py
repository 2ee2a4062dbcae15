"""Clean session events: seeded, vectorised, a block at a time, the same bytes for the same seed.

Rows come in the order of their start, as a log has them, with a daily and a weekly rhythm, few users who do much and
many who do little, and values with a heavy tail. (user_id, session_start, event_type) is unique over all blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import product

import numpy as np
import numpy.typing as npt
import polars as pl

HEADER = ("user_id", "session_start", "session_end", "event_type", "value", "metadata")
BLOCK_ROWS = 100_000  # part of what a seed means: another size gives other rows

TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
HOUR_WEIGHTS = (5, 3, 2, 2, 2, 3, 6, 10, 14, 16, 17, 18, 20, 18, 17, 17, 18, 20, 23, 26, 28, 25, 18, 10)
WEEKDAY_WEIGHTS = (1.0, 0.96, 0.97, 1.0, 1.08, 1.25, 1.32)  # Monday first
GROWTH = 1.3  # the last day against the first

EVENT_TYPES = ("view", "click", "search", "add_to_cart", "purchase", "login", "logout", "support")
EVENT_WEIGHTS = (0.36, 0.21, 0.13, 0.09, 0.05, 0.08, 0.06, 0.02)
MEDIAN_SECONDS = (240, 150, 200, 420, 660, 60, 45, 900)  # of a session, by event type
MEDIAN_CENTS = (2_900, 35, 0, 4_200, 3_800, 0, 0, 0)  # 0: this type has no value
OPEN_SESSION_SHARE = 0.02

CITIES = ("Berlin", "Köln", "Wien", "Zürich", "Málaga", "Paris", "Besançon", "Oslo", "Århus", "Porto", "Gent", "Leeds")
METADATA = tuple(
    f"device={device}&city={city}&app=4.{release}&ref={ref}"
    for device, city, release, ref in product(
        ("mobile", "mobile", "mobile", "desktop", "desktop", "tablet"), CITIES, (9, 10, 11), ("direct", "search", "ad")
    )
)


@dataclass(frozen=True)
class EventPlan:
    """Which events: equal plans give equal rows."""

    rows: int
    seed: int = 0
    first_day: date = date(2026, 5, 1)
    end_day: date = date(2026, 11, 1)  # not included
    user_pool: int | None = None

    @property
    def blocks(self) -> int:
        """How many blocks the rows come in."""
        return -(-self.rows // BLOCK_ROWS)

    @property
    def users(self) -> int:
        """How many users there may be: where nothing is said, one for 25 events."""
        return self.user_pool or max(20, self.rows // 25)


def clean_block(plan: EventPlan, block: int) -> pl.DataFrame:
    """The rows of one block, all columns as text, missing values as null."""
    rng = np.random.default_rng([plan.seed, block])
    row = np.arange(block * BLOCK_ROWS, min((block + 1) * BLOCK_ROWS, plan.rows), dtype=np.int64)
    start = _start_seconds(plan, (row + rng.random(row.size)) / plan.rows)
    event = rng.choice(len(EVENT_TYPES), row.size, p=EVENT_WEIGHTS)
    user = (plan.users * rng.random(row.size) ** 2.5).astype(np.int64)
    is_newcomer = _is_taken(start, user, event)
    if block:  # the second at the seam may belong to the block before as well
        is_newcomer |= start == _start_seconds(plan, row[:1] / plan.rows)
    return pl.DataFrame(
        {
            "user_id": np.where(is_newcomer, 1_000_000_000 + row, 1_000_003 + user * 17),
            "session_start": start,
            "session_end": start + _duration_seconds(rng, event),
            "is_open": rng.random(row.size) < OPEN_SESSION_SHARE,
            "event": event.astype(np.uint32),
            "cents": _cents(rng, event),
            "metadata": (user * 2_654_435_761 % len(METADATA)).astype(np.uint32),
        }
    ).select(
        pl.col("user_id").cast(pl.String),
        _time_text("session_start"),
        pl.when(~pl.col("is_open")).then(_time_text("session_end")),
        _label("event", EVENT_TYPES).alias("event_type"),
        pl.when(pl.col("cents") > 0).then(_cents_text("cents")).alias("value"),
        _label("metadata", METADATA),
    )


@cache
def _hour_edges(first_day: date, end_day: date) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """For every hour edge: the share of events before it, and its second since 1970."""
    days = np.arange(np.datetime64(first_day), np.datetime64(end_day)).astype(np.int64)
    weekday = (days + 3) % 7  # 1970-01-01 was a Thursday
    by_day = np.asarray(WEEKDAY_WEIGHTS)[weekday] * np.linspace(1, GROWTH, days.size)
    weights = np.outer(by_day, HOUR_WEIGHTS).ravel()
    share = np.concatenate([[0.0], np.cumsum(weights)]) / weights.sum()
    return share, days[0] * 86_400.0 + 3_600.0 * np.arange(share.size)


def _start_seconds(plan: EventPlan, share: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    edges_share, edges_second = _hour_edges(plan.first_day, plan.end_day)
    return np.interp(share, edges_share, edges_second).astype(np.int64)


def _is_taken(*key: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether an earlier row has the same key."""
    frame = pl.DataFrame({str(i): part for i, part in enumerate(key)})
    return frame.select(~pl.struct(pl.all()).is_first_distinct()).to_series().to_numpy()


def _duration_seconds(rng: np.random.Generator, event: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    seconds = np.asarray(MEDIAN_SECONDS)[event] * rng.lognormal(0, 0.9, event.size)
    return np.clip(seconds, 1, 43_200).astype(np.int64)


def _cents(rng: np.random.Generator, event: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    median = np.asarray(MEDIAN_CENTS)[event]
    cents = np.clip(median * rng.lognormal(0, 1.1, event.size), 1, 999_999).astype(np.int64)
    return np.where(median > 0, cents, 0)


def _time_text(column: str) -> pl.Expr:
    return pl.from_epoch(column, time_unit="s").dt.to_string(TIME_FORMAT).alias(column)


def _cents_text(column: str) -> pl.Expr:
    cents = pl.col(column)
    return pl.concat_str(cents // 100, pl.lit("."), (cents % 100).cast(pl.String).str.zfill(2))


def _label(column: str, labels: tuple[str, ...]) -> pl.Expr:
    return pl.lit(pl.Series(labels)).gather(pl.col(column)).alias(column)
