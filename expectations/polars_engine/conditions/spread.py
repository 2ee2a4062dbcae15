"""Row rules that measure a value against the whole column: z-scores and outliers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import polars as pl

from expectations.polars_engine.conditions.subject import Subject


def moments(subject: Subject) -> Mapping[str, pl.Expr]:
    """Mean and sample standard deviation of the values in the domain."""
    values = _numbers(subject).filter(subject.domain)
    return {"mean": values.mean(), "deviation": values.std()}


def outlier_facts(subject: Subject) -> Mapping[str, pl.Expr]:
    """What the method measures against: the quartiles, or the moments."""
    if _method(subject) == "std":
        return moments(subject)
    values = _numbers(subject).filter(subject.domain)
    return {"first_quartile": values.quantile(0.25, "linear"), "third_quartile": values.quantile(0.75, "linear")}


def has_small_z_score(subject: Subject) -> pl.Expr:
    """The value is less than `threshold` standard deviations away; with no deviation every value is."""
    mean, deviation = subject.facts["mean"], subject.facts["deviation"]
    if not _is_number(mean) or not _is_number(deviation) or deviation == 0:
        return pl.lit(value=True)
    score: pl.Expr = (_numbers(subject) - mean) / deviation
    threshold = subject.options["threshold"]
    is_double_sided = subject.options.get("double_sided", True)
    return score.abs() < pl.lit(abs(threshold)) if is_double_sided else score < pl.lit(threshold)


def is_no_outlier(subject: Subject) -> pl.Expr:
    """The value lies within the window of its method; with nothing to measure against every value does."""
    multiplier = subject.options.get("multiplier")
    factor = 1.5 if multiplier is None else multiplier
    value = _numbers(subject)
    if _method(subject) == "std":
        return _is_near_mean(value, subject.facts, factor)
    low, high = subject.facts["first_quartile"], subject.facts["third_quartile"]
    if not _is_number(low) or not _is_number(high):
        return pl.lit(value=True)
    reach = factor * (high - low)
    return value.is_between(pl.lit(low - reach), pl.lit(high + reach))


def _is_near_mean(value: pl.Expr, facts: Mapping[str, Any], factor: float) -> pl.Expr:
    mean, deviation = facts["mean"], facts["deviation"]
    if not _is_number(mean) or not _is_number(deviation):
        return pl.lit(value=True)
    reach = float(factor * deviation)
    return value.eq(mean) if reach <= 0 else (value - pl.lit(mean)).abs() < reach


def _method(subject: Subject) -> str:
    method = subject.options.get("method") or "iqr"
    if method not in ("iqr", "std"):
        raise ValueError(f"method must be 'iqr' or 'std', not {method!r}")
    return str(method)


def _numbers(subject: Subject) -> pl.Expr:
    if not subject.dtype.is_numeric():
        raise TypeError(f"{subject.names[0]} is {subject.dtype}, not a number")
    return subject.value.cast(pl.Float64)


def _is_number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
