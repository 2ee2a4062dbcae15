"""The compiler: a map metric of Great Expectations and its arguments become one expression, "this row failed"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from expectations.polars_engine.conditions.catalog import ROW_METRICS, RowMetric
from expectations.polars_engine.conditions.subject import Subject, is_present, value_of
from expectations.polars_engine.conditions.unique import Duplicates, recheck
from expectations.polars_engine.domain import columns_of, domain_of, dtype_of
from expectations.polars_engine.values import Aggregate, Condition

if TYPE_CHECKING:
    from expectations.polars_engine.engine import PolarsExecutionEngine


def compile_condition(
    engine: PolarsExecutionEngine, map_metric: str, domain_kwargs: Mapping[str, Any], value_kwargs: Mapping[str, Any]
) -> Condition | Aggregate:
    """What makes a row fail.

    Returns:
        The condition, or, where it depends on the whole column (a z-score), the aggregate that ends in the condition.

    Raises:
        Exception: the expectation cannot work on this batch; the message says why.
    """
    metric = ROW_METRICS[map_metric]
    schema = engine.schema(domain_kwargs)
    names = columns_of(domain_kwargs)
    dtypes = tuple(dtype_of(name, schema) for name in names)
    values = tuple(value_of(name, dtype) for name, dtype in zip(names, dtypes, strict=True))
    present = [is_present(name, dtype) for name, dtype in zip(names, dtypes, strict=True)]
    domain = _domain(metric, present, domain_of(domain_kwargs, schema))
    subject = Subject(names, values, dtypes, value_kwargs, pl.lit(value=True) if domain is None else domain)
    if metric.is_unique:
        return _is_repeated(subject, domain, engine.duplicates(domain_kwargs, values, subject.domain))
    if metric.facts is None:
        condition = replace(_condition(subject, metric.meets(subject), domain), is_by_row=not metric.is_about_order)
        return _checked(engine, domain_kwargs, condition)
    facts = dict(metric.facts(subject))

    def finish(*found: Any) -> Condition:
        known = replace(subject, facts=dict(zip(facts, found, strict=True)))
        return _condition(known, metric.meets(known), domain)

    return Aggregate(tuple(facts.values()), finish)


def _domain(metric: RowMetric, present: Sequence[pl.Expr], domain: pl.Expr | None) -> pl.Expr | None:
    """A rule about one column does not look at its missing values, unless it is about those."""
    if len(present) > 1 or metric.is_about_missing:
        return domain
    return present[0] if domain is None else domain & present[0]


def _condition(subject: Subject, meets: pl.Expr, domain: pl.Expr | None) -> Condition:
    failed = ~meets.fill_null(value=False)
    return Condition(failed if domain is None else domain & failed, subject.names, domain)


def _is_repeated(subject: Subject, domain: pl.Expr | None, found: Duplicates) -> Condition:
    def failed(duplicates: Duplicates) -> Condition:
        return _condition(subject, ~duplicates.contain(subject.values), domain)

    def rechecked(rows: pl.LazyFrame) -> pl.Expr | None:
        exact = recheck(found, subject.values, rows)
        return None if exact is found else failed(exact).failed

    return replace(failed(found), is_by_row=False, recheck=None if found.hashes.is_empty() else rechecked)


def _checked(engine: PolarsExecutionEngine, domain_kwargs: Mapping[str, Any], condition: Condition) -> Condition:
    """The condition, after Polars has found that its types fit."""
    engine.frame(domain_kwargs).select(condition.failed).collect_schema()
    return condition
