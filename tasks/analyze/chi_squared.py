"""The upper tail of the chi-squared distribution, without SciPy, whose import costs as much as a small run."""

from __future__ import annotations

import math
from itertools import count

_CLOSE = 1e-16  # relative; smaller terms change nothing
_TINY = 1e-300


def chi_squared_tail(statistic: float, degrees: int) -> float:
    """The chance of a statistic at least this large with so many degrees of freedom, one or more.

    It is the upper regularised incomplete gamma function of half of each: by its series where the lower part is the
    smaller one, else by its continued fraction (Lentz).
    """
    a, x = degrees / 2, statistic / 2
    if x <= 0:
        return 1.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    return max(0.0, 1 - scale * _series(a, x)) if x < a + 1 else scale * _continued_fraction(a, x)


def _series(a: float, x: float) -> float:
    term = total = 1 / a
    for n in count(1):
        term *= x / (a + n)
        total += term
        if term < total * _CLOSE:
            break
    return total


def _continued_fraction(a: float, x: float) -> float:
    b = x + 1 - a
    c, d = 1 / _TINY, 1 / b
    value = d
    for n in count(1):
        factor, b = -n * (n - a), b + 2
        d = 1 / (factor * d + b or _TINY)
        c = b + factor / c or _TINY
        value *= c * d
        if abs(c * d - 1) < 4 * _CLOSE:
            break
    return value
