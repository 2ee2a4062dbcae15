"""Tables about entities, from their sums."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.analyze.exact import shown
from tasks.analyze.look import Look
from tasks.analyze.measures import DURATION, VALUE
from tasks.analyze.plain import DAY
from tasks.analyze.schemas import SCHEMAS, shaped, table_of
from tasks.analyze.sums import finished

_NAMES = {
    "count": "sessions",
    f"{DURATION}_n": "timed_sessions",
    **{f"{DURATION}_{what}": f"{what}_{DURATION}" for what in ("total", "mean", "min", "max", "std")},
    f"{VALUE}_total": "total_value",
    f"{VALUE}_mean": "mean_value",
}
_TOP = 10
Added = npt.NDArray[Any]
_TOP_SHARES = (Fraction(1, 100), Fraction(5, 100), Fraction(10, 100), Fraction(20, 100), Fraction(50, 100))


AMOUNTS = ("sessions", "total_duration_seconds", "total_value")  # of `session_metrics`: what entities are ranked by


def session_metrics(entities: pl.DataFrame, look: Look) -> pl.DataFrame:
    """Metrics of some entities.

    Args:
        entities: a part of `entity_sums`, named.
        look: the first look.
    """
    for scale in look.measures:
        entities = finished(entities, scale)
    return shaped("session_metrics", entities.rename(_NAMES, strict=False))


def top_places(amounts: pl.DataFrame) -> pl.DataFrame:
    """The entities that have the most: `by`, `rank`, `place`, `amount` and `share`.

    Args:
        amounts: `AMOUNTS` of all entities, in the order of `session_metrics`. Ties go by the place there, from 0.
    """
    ranked = [_ranked(amounts[by]) for by in AMOUNTS if amounts[by].count()]
    schema = {name: SCHEMAS["top_entities"][name] for name in ("by", "rank", "amount", "share")}
    return pl.concat([pl.DataFrame(schema=schema | {"place": pl.UInt32}), *ranked], how="diagonal")


def entity_concentration(amounts: pl.DataFrame) -> pl.DataFrame:
    """What the most active entities have, from `AMOUNTS` in the order of `session_metrics`."""
    sessions, values = _added_up(amounts["sessions"]), _added_up(amounts["total_value"])
    shares = _TOP_SHARES if amounts.height else ()
    return table_of("entity_concentration", [_of_the_top(sessions, values, share) for share in shares])


def new_and_returning(new: pl.DataFrame, days: pl.DataFrame, look: Look) -> pl.DataFrame:
    """Entities of each day by whether they were seen before.

    Args:
        new: `newcomers`.
        days: `entities_by_day`, how many there are on each day.
        look: the first look.
    """
    joined = days.join(new, on="slot", how="left").with_columns(pl.col("new").fill_null(0)).sort("slot")
    return shaped(
        "new_and_returning",
        joined.with_columns(
            day=(pl.col("slot") + look.midnight // DAY).cast(pl.Int32).cast(pl.Date),
            returning=pl.col("entities") - pl.col("new"),
            new_share=(pl.col("new") / pl.col("entities")).round_sig_figs(12),
            seen_so_far=pl.col("new").cum_sum(),
        ),
    )


def _ranked(amounts: pl.Series) -> pl.DataFrame:
    added = _added_up(amounts)
    total = float(added[-1])
    numbers = pl.DataFrame({"amount": amounts.cast(pl.Float64)}).with_row_index("place")
    best = numbers.filter(pl.col("amount") >= amounts.top_k(_TOP).min())
    best = best.sort("amount", "place", descending=[True, False]).head(_TOP)
    share = [shown(amount / total) if total > 0 else None for amount in best["amount"]]
    rank = pl.int_range(1, pl.len() + 1).alias("rank")
    return best.with_columns(pl.lit(amounts.name).alias("by"), rank, pl.Series("share", share, dtype=pl.Float64))


def _of_the_top(sessions: Added, values: Added, share: Fraction) -> dict[str, object]:
    many = -(-sessions.size * share.numerator // share.denominator)
    total = float(values[-1])
    return {
        "top_share": float(share),
        "entities": many,
        "sessions": int(sessions[many - 1]),
        "sessions_share": shown(Fraction(int(sessions[many - 1]), int(sessions[-1]))),
        "value_share": shown(float(values[many - 1]) / total) if total > 0 else None,
    }


def _added_up(amounts: pl.Series) -> Added:
    """What the first one, two, three ... entities have together, added up in the table's order."""
    added: Added = np.cumsum(amounts.fill_null(0).to_numpy())
    return added
