"""Great Expectations' execution engine for Polars frames, lazy and streaming."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import great_expectations.exceptions as gxe
import polars as pl
from great_expectations.expectations.row_conditions import (
    AndCondition,
    ComparisonCondition,
    NullityCondition,
    OrCondition,
)
from great_expectations.expectations.row_conditions import Condition as RowCondition

from expectations.polars_engine import private
from expectations.polars_engine.conditions.unique import NO_DUPLICATES, Duplicates, find_duplicates, may_repeat
from expectations.polars_engine.domain import columns_of, domain_of, row_condition_of
from expectations.polars_engine.failed_pass import FailedPass
from expectations.polars_engine.values import Aggregate, Condition, OverFailed, Pending

MetricId = Hashable


class PolarsBatchData(private.BatchData):
    """One frame, as Great Expectations passes it around."""

    def __init__(self, execution_engine: PolarsExecutionEngine, frame: pl.LazyFrame | pl.DataFrame) -> None:
        super().__init__(execution_engine=execution_engine)
        self.frame = frame.lazy()
        self.schema = self.frame.collect_schema()


class PolarsExecutionEngine(private.ExecutionEngine[pl.Expr]):
    """Computes the metrics of one batch, scanning it as rarely as it can.

    Metric functions return what they need instead of computing it (`values.Pending`). All aggregates that are ready at
    the same time share one `select`, and all row-level rules one streaming pass that keeps the failing rows.

    Attributes:
        failed_pass: makes the latter.
        masked_columns: their values are shown nowhere, only counted.
        hidden_columns: no part of the table that expectations are about; row ids may be made of them.
        known_unique: sets of columns of which no two rows have the same values.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.failed_pass = FailedPass()
        self._done: dict[MetricId, Any] = {}
        self._errors: dict[MetricId, Exception] = {}
        self._row_counts: dict[str, int] = {}
        self._repeated: dict[tuple[str, str], Duplicates] = {}  # values of a column that all its rows were compared for
        self.masked_columns: frozenset[str] = frozenset()
        self.hidden_columns: frozenset[str] = frozenset()
        self.known_unique: tuple[frozenset[str], ...] = ()

    # What Great Expectations asks of an engine

    def load_batch_data(self, batch_id: str, batch_data: PolarsBatchData | pl.LazyFrame | pl.DataFrame) -> None:
        """Take a batch, forgetting what was known of another one by that id."""
        if not isinstance(batch_data, PolarsBatchData):
            batch_data = PolarsBatchData(self, batch_data)
        self._done.clear()
        self._errors.clear()
        self._row_counts.clear()
        self._repeated.clear()
        self.failed_pass.forget()
        super().load_batch_data(batch_id=batch_id, batch_data=batch_data)

    def get_batch_data_and_markers(self, batch_spec: Any) -> tuple[PolarsBatchData, private.BatchMarkers]:
        """The frame of a batch spec, and when it was taken."""
        frame = batch_spec.batch_data
        batch_spec.batch_data = "PolarsLazyFrame"
        taken_at = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        return PolarsBatchData(self, frame), private.BatchMarkers({"ge_load_time": taken_at})

    def get_domain_records(self, domain_kwargs: Mapping[str, Any]) -> pl.LazyFrame:
        """The rows of a domain."""
        domain = domain_of(domain_kwargs, self.schema(domain_kwargs))
        frame = self.frame(domain_kwargs)
        return frame if domain is None else frame.filter(domain)

    def get_compute_domain(
        self, domain_kwargs: dict[str, Any], domain_type: Any, accessor_keys: Iterable[str] | None = None
    ) -> tuple[pl.LazyFrame, dict[str, Any], dict[str, Any]]:
        """The rows of a domain, and the domain taken apart as Great Expectations does."""
        parts = self._partition_domain_kwargs(domain_kwargs, domain_type, accessor_keys)
        return self.get_domain_records(domain_kwargs), parts.compute, parts.accessor

    def resolve_metrics(
        self,
        metrics_to_resolve: Iterable[private.MetricConfiguration],
        metrics: dict[Any, Any] | None = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> dict[Any, Any]:
        """Compute metrics that are ready.

        Raises:
            MetricResolutionError: one could not be computed. The others were, and are at hand when they are asked for
                again; Great Expectations asks three times before it gives one up.
        """
        wanted = list(metrics_to_resolve)
        fresh = [metric for metric in wanted if metric.id not in self._done and metric.id not in self._errors]
        computations, bundled = self._build_direct_and_bundled_metric_computation_configurations(
            metrics_to_resolve=fresh, metrics=metrics, runtime_configuration=runtime_configuration
        )
        assert not bundled, "the metrics registered for Polars are all computed directly"
        # What a column repeats is known before keys of several columns are looked for (see `duplicates`).
        computations = sorted(computations, key=lambda c: len(columns_of(c.metric_configuration.metric_domain_kwargs)))
        self._settle({c.metric_configuration.id: self._attempt(c) for c in computations})
        for metric in wanted:
            if metric.id in self._errors:
                error = self._errors[metric.id]
                message = str(error) or type(error).__name__
                raise gxe.MetricResolutionError(message=message, failed_metrics=(metric,)) from error
        return {metric.id: self._done[metric.id] for metric in wanted}

    def resolve_metric_bundle(self, metric_fn_bundle: Any) -> dict[Any, Any]:  # noqa: ARG002  # GX's signature
        """Nothing: no metric on Polars is computed in Great Expectations' own kind of bundle."""
        return {}

    def _comparison_condition_to_filter_clause(self, condition: ComparisonCondition) -> pl.Expr:
        return self._filter_clause(condition)

    def _nullity_condition_to_filter_clause(self, condition: NullityCondition) -> pl.Expr:
        return self._filter_clause(condition)

    def _and_condition_to_filter_clause(self, condition: AndCondition) -> pl.Expr:
        return self._filter_clause(condition)

    def _or_condition_to_filter_clause(self, condition: OrCondition) -> pl.Expr:
        return self._filter_clause(condition)

    def _filter_clause(self, condition: RowCondition) -> pl.Expr:
        clause = row_condition_of(condition, self.schema({}))
        assert clause is not None
        return clause

    # What metric functions ask of it

    def frame(self, domain_kwargs: Mapping[str, Any]) -> pl.LazyFrame:
        """The batch that a domain is of."""
        return self._batch(domain_kwargs).frame

    def schema(self, domain_kwargs: Mapping[str, Any]) -> pl.Schema:
        """The types of that batch's columns."""
        return self._batch(domain_kwargs).schema

    def collect(self, query: pl.LazyFrame) -> pl.DataFrame:
        """Run a query, streaming."""
        return query.collect(engine="streaming")

    def row_count(self, domain_kwargs: Mapping[str, Any]) -> int:
        """How many rows the whole batch has."""
        batch_id = self._batch_id(domain_kwargs)
        if batch_id not in self._row_counts:
            self._row_counts[batch_id] = int(self.collect(self.frame(domain_kwargs).select(pl.len())).item())
        return self._row_counts[batch_id]

    def duplicates(self, domain_kwargs: Mapping[str, Any], key: Sequence[pl.Expr], domain: pl.Expr) -> Duplicates:
        """The keys that stand in more than one row of the domain."""
        if any(key.issubset(columns_of(domain_kwargs)) for key in self.known_unique):
            return NO_DUPLICATES
        frame, rows = self.frame(domain_kwargs), self.row_count(domain_kwargs)
        names = [(self._batch_id(domain_kwargs), name) for name in columns_of(domain_kwargs)]
        if len(names) == 1:
            found = find_duplicates(frame, key, domain, rows)
            if domain_kwargs.get("row_condition") is None:
                self._repeated[names[0]] = found
            return found
        for name, part in zip(names, key, strict=True):
            if name in self._repeated:
                frame = frame.filter(may_repeat(part, self._repeated[name]))
        return find_duplicates(frame, key, domain, rows)

    def condition(self, metric_id: MetricId) -> Condition | None:
        """The condition that was compiled as a metric; None where that failed."""
        value = self._done.get(metric_id)
        return value if isinstance(value, Condition) else None

    def _batch_id(self, domain_kwargs: Mapping[str, Any]) -> str:
        if domain_kwargs.get("table"):
            raise gxe.ValidationError("a Polars frame has no other table beside it")
        batch_id = domain_kwargs.get("batch_id") or self.batch_manager.active_batch_data_id
        if batch_id not in self.batch_manager.batch_data_cache:
            raise gxe.ValidationError(f"Unable to find batch with batch_id {batch_id}")
        return str(batch_id)

    def _batch(self, domain_kwargs: Mapping[str, Any]) -> PolarsBatchData:
        batch = self.batch_manager.batch_data_cache[self._batch_id(domain_kwargs)]
        assert isinstance(batch, PolarsBatchData)
        return batch

    # How they are computed together

    def _attempt(self, computation: Any) -> tuple[str, Any]:
        """A metric's batch and its value: a finished one, one that waits to be gathered, or its error."""
        metric = computation.metric_configuration
        try:
            value = computation.metric_fn(**computation.metric_provider_kwargs)
        except Exception as error:  # noqa: BLE001  # whatever is wrong with one metric is said of it alone
            value = error
        return metric.metric_domain_kwargs.get("batch_id"), value

    def _settle(self, attempts: Mapping[MetricId, tuple[str, Any]]) -> None:
        aggregates: dict[str, dict[MetricId, Aggregate]] = {}
        over_failed: dict[str, dict[MetricId, OverFailed]] = {}
        for metric_id, (batch_id, value) in attempts.items():
            if isinstance(value, Aggregate):
                aggregates.setdefault(batch_id, {})[metric_id] = value
            elif isinstance(value, OverFailed):
                over_failed.setdefault(batch_id, {})[metric_id] = value
            else:
                self._keep(metric_id, value)
        for batch_id, pending in aggregates.items():
            self._aggregate(self.frame({"batch_id": batch_id}), pending)
        for batch_id, failing in over_failed.items():
            self._read_failed(batch_id, failing)

    def _keep(self, metric_id: MetricId, value: Any) -> None:
        (self._errors if isinstance(value, Exception) else self._done)[metric_id] = value

    def _finish(self, metric_id: MetricId, pending: Pending, *found: Any) -> None:
        try:
            value = pending.finish(*found)
        except Exception as error:  # noqa: BLE001  # said of this metric alone
            value = error
        self._keep(metric_id, value)

    def _aggregate(self, frame: pl.LazyFrame, pending: Mapping[MetricId, Aggregate]) -> None:
        """All in one scan; where that fails, one by one, so that each error is said of its own metric."""
        expressions = [expression for aggregate in pending.values() for expression in aggregate.expressions]
        try:
            row = self.collect(frame.select(e.alias(str(number)) for number, e in enumerate(expressions))).row(0)
        except Exception as error:  # noqa: BLE001  # said of the metric that it belongs to
            for metric_id, aggregate in pending.items():
                if len(pending) == 1:
                    self._keep(metric_id, error)
                else:
                    self._aggregate(frame, {metric_id: aggregate})
            return
        found = iter(row)
        for metric_id, aggregate in pending.items():
            self._finish(metric_id, aggregate, *(next(found) for _ in aggregate.expressions))

    def _read_failed(self, batch_id: str, pending: Mapping[MetricId, OverFailed]) -> None:
        """One pass for all conditions, then small reads of what it wrote."""
        conditions = list(dict.fromkeys(value.condition for value in pending.values()))
        columns = list(dict.fromkeys(name for value in pending.values() for name in value.columns))
        failed, broken = self.failed_pass.failing(self.frame({"batch_id": batch_id}), conditions, columns)
        for metric_id, value in pending.items():
            if value.condition in broken:
                self._keep(metric_id, broken[value.condition])
            else:
                rows = failed.rows(value.condition, value.columns, value.limit)
                self._finish(metric_id, value, failed.count(value.condition), rows)
