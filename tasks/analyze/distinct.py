"""How many different values a column has, exact, in bounded memory."""

from __future__ import annotations

import narwhals as nw

from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.exact import floor_divided
from tasks.analyze.measures import Scale

_BUCKET_BITS = 12


def distinct_values(batch: BatchFrame, name: str, count: int, scale: Scale | None) -> int:
    """Count the different values of one column.

    Args:
        batch: the accepted rows.
        name: the column.
        count: how many values it has.
        scale: the column as steps, where it has them; whole numbers are counted bucket by bucket, which is fast where
            neighbours in the file are neighbours in value, as times mostly are.
    """
    if count == 0:
        return 0
    frame = batch.frame(name).filter(~nw.col(name).is_null())
    if scale is None or scale.is_rounded:
        parts = batch.engine.parts(frame, name, count)
        return sum(int(batch.collect(part.select(nw.col(name).n_unique())).item() or 0) for part in parts)
    width = 1 << max(scale.top.bit_length() - _BUCKET_BITS, 0)
    bucket = floor_divided(scale.steps, width, scale.top).cast(nw.Int64).alias("bucket")
    counted = frame.select(bucket, nw.col(name)).group_by("bucket").agg(nw.col(name).n_unique())
    return int(batch.collect(counted)[name].sum())
