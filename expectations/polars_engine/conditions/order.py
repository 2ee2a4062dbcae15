"""Row rules that look at the rows before: increasing and decreasing columns."""

from __future__ import annotations

import polars as pl

from expectations.polars_engine.conditions.subject import Subject


def is_increasing(subject: Subject) -> pl.Expr:
    """The value is not below (strictly: above) the last one before it."""
    before = _value_before(subject)
    in_order = subject.value > before if subject.options.get("strictly") else subject.value >= before
    return in_order | before.is_null()


def is_decreasing(subject: Subject) -> pl.Expr:
    """The value is not above (strictly: below) the last one before it."""
    before = _value_before(subject)
    in_order = subject.value < before if subject.options.get("strictly") else subject.value <= before
    return in_order | before.is_null()


def _value_before(subject: Subject) -> pl.Expr:
    """The last value before this row that the rule looks at. Streams: it carries one value from row to row."""
    return pl.when(subject.domain).then(subject.value).forward_fill().shift(1)
