"""Linear correlation of two measures, from exact sums of their products."""

from __future__ import annotations

import math

import narwhals as nw
import polars as pl

from tasks.analyze.exact import Digits, digits_of, shown
from tasks.analyze.measures import Scale
from tasks.analyze.tally import Numbers, Tally

Pair = tuple[Scale, Scale]


def pair_tally(pair: Pair) -> Tally:
    """What `correlation_row` is made of."""
    a, b = pair
    first, second = _digits(pair)
    rows = nw.when(~a.steps.is_null() & ~b.steps.is_null()).then(0)
    left, right = first.columns(a.steps), second.columns(b.steps)
    products = {f"{one}x{two}": left[one] * right[two] for one in first.names for two in second.names}
    return Tally((Numbers("both", rows, 1),), (*a.measure.columns, *b.measure.columns), left | right | products)


def correlation_row(pair: Pair, found: pl.DataFrame) -> dict[str, object]:
    """One row of `correlations`, from the pair's tally."""
    first, second = _digits(pair)
    sums = {name: int(found[name].sum() or 0) for name in found.columns}  # of a single row, or of none
    together = sum(
        sums[f"{one}x{two}"] << (first.bits * i + second.bits * j)
        for i, one in enumerate(first.names)
        for j, two in enumerate(second.names)
    )
    return {
        "column_a": pair[0].name,
        "column_b": pair[1].name,
        "rows": sums["count"],
        "pearson": _pearson(sums, first, second, together),
    }


def _digits(pair: Pair) -> tuple[Digits, Digits]:
    a, b = pair
    rows = min(a.count, b.count)
    return digits_of("a", a.top, rows, with_squares=True), digits_of("b", b.top, rows, with_squares=True)


def _pearson(sums: dict[str, int], first: Digits, second: Digits, together: int) -> float | None:
    (sum_a, squares_a), (sum_b, squares_b) = first.whole(sums), second.whole(sums)
    rows = sums["count"]
    spread = (rows * squares_a - sum_a**2) * (rows * squares_b - sum_b**2)
    if spread <= 0:
        return None
    # 200 bits more than the root needs: exact far beyond what is shown
    root = math.isqrt(spread << 200)
    return shown(((rows * together - sum_a * sum_b) << 100) / root)
