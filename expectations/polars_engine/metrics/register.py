"""How a function becomes a metric of Great Expectations on Polars."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from expectations.polars_engine import private
from expectations.polars_engine.engine import PolarsExecutionEngine


@dataclass(frozen=True)
class Asked:
    """What a metric function is asked for.

    Attributes:
        engine: has the batch.
        domain_kwargs: which rows and columns.
        value_kwargs: the metric's own arguments.
        metrics: the values of the metrics it depends on, by name.
    """

    engine: PolarsExecutionEngine
    domain_kwargs: Mapping[str, Any]
    value_kwargs: Mapping[str, Any]
    metrics: Mapping[str, Any]


class Independent(private.MetricProvider):
    """A metric that needs no other one, so that all of them are ready at once and share a scan."""

    @classmethod
    def _get_evaluation_dependencies(cls, *_: Any, **__: Any) -> dict[str, private.MetricConfiguration]:
        return {}


def register(
    name: str,
    function: Callable[[Asked], Any],
    provider: type[private.MetricProvider] = Independent,
    function_type: Any = private.MetricFunctionTypes.VALUE,
) -> None:
    """Register a function as a metric that Great Expectations knows from its other engines.

    Args:
        name: the metric's name there; which rows and arguments it takes is known from there too.
        function: returns the value, or a pending one (`values.Pending`).
        provider: says which metrics it depends on.
        function_type: what kind of function it is to Great Expectations.
    """
    known = private.REGISTERED_METRICS[name]
    _allow_again(known)
    private.register_metric(
        metric_name=name,
        metric_domain_keys=known["metric_domain_keys"],
        metric_value_keys=known["metric_value_keys"],
        execution_engine=PolarsExecutionEngine,
        metric_class=provider,
        metric_provider=_adapted(function),
        metric_fn_type=function_type,
    )


def _allow_again(known: dict[str, Any]) -> None:
    """Great Expectations warns when a provider is replaced; ours may be, by a more special one of ours."""
    known["providers"].pop(PolarsExecutionEngine.__name__, None)


def _adapted(function: Callable[[Asked], Any]) -> Callable[..., Any]:
    """The function as Great Expectations calls it."""

    def metric(  # noqa: PLR0917  # GX's signature
        cls: type[private.MetricProvider],  # noqa: ARG001  # part of the calling convention
        execution_engine: PolarsExecutionEngine,
        metric_domain_kwargs: Mapping[str, Any],
        metric_value_kwargs: Mapping[str, Any],
        metrics: Mapping[str, Any],
        runtime_configuration: Mapping[str, Any] | None = None,  # noqa: ARG001
    ) -> Any:
        return function(Asked(execution_engine, metric_domain_kwargs or {}, metric_value_kwargs or {}, metrics))

    return metric
