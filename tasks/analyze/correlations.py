"""Linear correlation of two measures, from exact sums of their products."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import narwhals as nw

from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.exact import Digits, digits_of, shown
from tasks.analyze.measures import Scale

_A, _B = "a", "b"


def correlation_rows(batch: BatchFrame, scales: Sequence[Scale]) -> list[dict[str, object]]:
    """One row of `correlations` for each pair; one pass each."""
    return [_row(batch, a, b) for a, b in combinations(scales, 2)]


def _row(batch: BatchFrame, a: Scale, b: Scale) -> dict[str, object]:
    frame = batch.frame(*a.measure.columns, *b.measure.columns).select(a.steps.alias(_A), b.steps.alias(_B))
    both = frame.filter(~nw.col(_A).is_null(), ~nw.col(_B).is_null())
    rows = min(a.count, b.count)
    first, second = (digits_of(name, one.top, rows, with_squares=True) for name, one in ((_A, a), (_B, b)))
    cut = both.select(*first.columns(nw.col(_A)), *second.columns(nw.col(_B)))
    products = [(nw.col(one) * nw.col(two)).sum().alias(f"{one}x{two}") for one in first.names for two in second.names]
    found = batch.collect(cut.select(nw.len().alias("rows"), *first.aggregates, *second.aggregates, *products))
    sums = {name: int(amount or 0) for name, amount in found.row(0, named=True).items()}
    together = sum(
        sums[f"{one}x{two}"] << (first.bits * i + second.bits * j)
        for i, one in enumerate(first.names)
        for j, two in enumerate(second.names)
    )
    return {
        "column_a": a.name,
        "column_b": b.name,
        "rows": sums["rows"],
        "pearson": _pearson(sums, first, second, together),
    }


def _pearson(sums: dict[str, int], first: Digits, second: Digits, together: int) -> float | None:
    (sum_a, squares_a), (sum_b, squares_b) = first.whole(sums), second.whole(sums)
    rows = sums["rows"]
    spread = (rows * squares_a - sum_a**2) * (rows * squares_b - sum_b**2)
    if spread <= 0:
        return None
    # 200 bits more than the root needs: exact far beyond what is shown
    root = math.isqrt(spread << 200)
    return shown(((rows * together - sum_a * sum_b) << 100) / root)
