"""Tables about entities, from their sums."""

from __future__ import annotations

from fractions import Fraction

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
_RANKED_BY = ("sessions", "total_duration_seconds", "total_value")
_TOP = 10
_TOP_SHARES = (Fraction(1, 100), Fraction(5, 100), Fraction(10, 100), Fraction(20, 100), Fraction(50, 100))


def session_metrics(entities: pl.DataFrame, look: Look) -> pl.DataFrame:
    """Metrics of each entity.

    Args:
        entities: `entity_sums`, named.
        look: the first look.
    """
    for scale in look.measures:
        entities = finished(entities, scale)
    return shaped("session_metrics", entities.rename(_NAMES, strict=False))


def top_entities(metrics: pl.DataFrame) -> pl.DataFrame:
    """The entities that have the most, from `session_metrics`; ties go by their place in it."""
    ranked = [_ranked(metrics, by) for by in _RANKED_BY if metrics[by].count()]
    return pl.concat([pl.DataFrame(schema=SCHEMAS["top_entities"]), *ranked])


def entity_concentration(metrics: pl.DataFrame) -> pl.DataFrame:
    """What the most active entities have, from `session_metrics`."""
    return table_of("entity_concentration", [_of_the_top(metrics, share) for share in _TOP_SHARES if metrics.height])


def new_and_returning(entities: pl.DataFrame, days: pl.DataFrame, look: Look) -> pl.DataFrame:
    """Entities of each day by whether they were seen before.

    Args:
        entities: `entity_sums`, for when each was seen first.
        days: `entities_by_day`, how many there are on each day.
        look: the first look.
    """
    first = ((entities["first_seen"] - look.midnight) // DAY).alias("slot").drop_nulls()
    new = first.value_counts(name="new").with_columns(pl.col("new").cast(pl.Int64))
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


def _ranked(metrics: pl.DataFrame, by: str) -> pl.DataFrame:
    total = _total(metrics, by)
    best = metrics.select("entity", amount=pl.col(by).cast(pl.Float64)).drop_nulls("amount")
    best = best.sort("amount", descending=True, maintain_order=True).head(_TOP)
    share = [shown(amount / total) if total else None for amount in best["amount"]]
    rank = pl.int_range(1, pl.len() + 1).alias("rank")
    ranked = best.with_columns(pl.lit(by).alias("by"), rank, pl.Series("share", share, dtype=pl.Float64))
    return shaped("top_entities", ranked)


def _of_the_top(metrics: pl.DataFrame, share: Fraction) -> dict[str, object]:
    many = -(-metrics.height * share.numerator // share.denominator)
    top = metrics.head(many)
    sessions, total = int(top["sessions"].sum()), _total(metrics, "total_value")
    return {
        "top_share": float(share),
        "entities": many,
        "sessions": sessions,
        "sessions_share": shown(Fraction(sessions, int(metrics["sessions"].sum()))),
        "value_share": shown(sum(top["total_value"].to_list()) / total) if total else None,
    }


def _total(metrics: pl.DataFrame, by: str) -> float | None:
    """What all entities have together, added up in the table's order; None where that is not above zero."""
    total = float(sum(metrics[by].drop_nulls().to_list()))
    return total if total > 0 else None
