"""Tables about entities, from their sums."""

from __future__ import annotations

import polars as pl

from tasks.analyze.look import Look
from tasks.analyze.measures import DURATION, VALUE
from tasks.analyze.schemas import shaped
from tasks.analyze.sums import finished

_NAMES = {
    "count": "sessions",
    f"{DURATION}_n": "timed_sessions",
    **{f"{DURATION}_{what}": f"{what}_{DURATION}" for what in ("total", "mean", "min", "max", "std")},
    f"{VALUE}_total": "total_value",
    f"{VALUE}_mean": "mean_value",
}


def session_metrics(entities: pl.DataFrame, look: Look) -> pl.DataFrame:
    """Metrics of each entity.

    Args:
        entities: `entity_sums`, named.
        look: the first look.
    """
    for scale in look.measures:
        entities = finished(entities, scale)
    return shaped("session_metrics", entities.rename(_NAMES, strict=False))
