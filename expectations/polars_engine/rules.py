"""What a suite's expectations are to people and programs: a sentence, a short code, the condition behind a row rule."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import great_expectations as gx
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.registry import get_renderer_impl
from great_expectations.render import LegacyRendererType

from expectations.polars_engine import private
from expectations.polars_engine.domain import columns_of
from expectations.polars_engine.engine import PolarsExecutionEngine
from expectations.polars_engine.values import Condition

_PRESCRIPTIVE = LegacyRendererType.PRESCRIPTIVE
_PREFIXES = ("expect_column_values_to_be_", "expect_column_values_to_", "expect_column_", "expect_")


@dataclass(frozen=True)
class RowRule:
    """An expectation that each row meets or fails.

    Attributes:
        index: its number among the row rules, in the order of the suite: what a rejected row's list holds.
        expectation_id: the expectation's id.
        expectation_type: such as `expect_column_values_to_be_between`.
        columns: which columns it looks at.
        severity: critical, warning or info.
        code: short snake_case name of what is wrong with a row that fails.
        sentence: what is expected, for people; holds no cell values.
    """

    index: int
    expectation_id: str
    expectation_type: str
    columns: tuple[str, ...]
    severity: str
    code: str
    sentence: str


def row_expectations(suite: gx.ExpectationSuite) -> list[Expectation]:
    """The expectations that each row meets or fails, in the order of the suite."""
    return [expectation for expectation in suite.expectations if is_row_rule(expectation)]


def is_row_rule(expectation: Expectation) -> bool:
    """Whether it judges each row."""
    map_metric = getattr(expectation, "map_metric", None)
    return bool(map_metric) and has_provider(f"{map_metric}.condition")


def has_provider(metric_name: str) -> bool:
    """Whether a metric can be computed on Polars."""
    return PolarsExecutionEngine.__name__ in private.REGISTERED_METRICS.get(metric_name, {}).get("providers", {})


def rules_of(suite: gx.ExpectationSuite, code_prefix: str = "") -> tuple[RowRule, ...]:
    """The row rules of a suite, in its order."""
    return tuple(
        RowRule(
            index=index,
            expectation_id=str(expectation.id),
            expectation_type=expectation.expectation_type,
            columns=columns_in(expectation),
            severity=severity_of(expectation),
            code=code_of(expectation, code_prefix),
            sentence=sentence_of(expectation),
        )
        for index, expectation in enumerate(row_expectations(suite))
    )


def columns_in(expectation: Expectation) -> tuple[str, ...]:
    """The columns an expectation is about; none for one about the table."""
    return columns_of(expectation.configuration.kwargs)


def severity_of(expectation: Expectation) -> str:
    """critical, warning or info."""
    return str(expectation.severity.value)


def code_of(expectation: Expectation, prefix: str = "") -> str:
    """`meta.code` where the suite gives one; else made from the type: `between`, `not_be_null`."""
    given = (expectation.meta or {}).get("code")
    if given:
        return str(given)
    name: str = expectation.expectation_type
    start = next((prefix for prefix in _PREFIXES if name.startswith(prefix)), "")
    return f"{prefix}{name.removeprefix(start)}"


def sentence_of(expectation: Expectation) -> str:
    """What is expected, in the words of Great Expectations' own renderer, or the suite's description."""
    if expectation.description:
        return str(expectation.description)
    configuration = expectation.configuration
    configuration.kwargs.pop("mostly", None)
    text = _rendered(configuration)
    if text is None:
        return str(expectation.expectation_type).removeprefix("expect_").replace("_", " ")
    columns = columns_in(expectation)
    for column in columns:
        text = text.replace(f"{column} values must", f"{column} must")  # or a column `value` has "value values"
    return text if all(column in text for column in columns) else f"{', '.join(columns)} {text}"


def _rendered(configuration: Any) -> str | None:
    """The sentence that Data Docs show, as plain text; None where there is no renderer or it fails."""
    renderer = get_renderer_impl(configuration.type, _PRESCRIPTIVE)
    if renderer is None:
        return None
    try:
        (content, *_) = renderer[1](configuration=configuration, runtime_configuration={"include_column_name": True})
        template = content.string_template
    except Exception:  # noqa: BLE001  # a renderer that fails must not keep the data from being checked
        return None
    return _filled(template["template"], template.get("params") or {})


def _filled(template: str, params: Mapping[str, Any]) -> str:
    def value(match: re.Match[str]) -> str:
        param = params.get(match.group(1))
        return match.group(0) if param is None else _shown(param)

    return re.sub(r"\$(\w+)", value, template).strip()


def _shown(value: Any) -> str:
    """A number as people write it: Great Expectations turns every bound into a float."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def conditions_of(
    engine: PolarsExecutionEngine, batch_id: str, expectations: Sequence[Expectation], parameters: Mapping[str, Any]
) -> list[Condition | None]:
    """The condition that the engine compiled for each row rule; None where it could not."""
    return [engine.condition(_condition_metric(engine, batch_id, e, parameters).id) for e in expectations]


def _condition_metric(
    engine: PolarsExecutionEngine, batch_id: str, expectation: Expectation, parameters: Mapping[str, Any]
) -> private.MetricConfiguration:
    """The condition metric that Great Expectations asks for on behalf of an expectation."""
    configuration = deepcopy(expectation.configuration)
    configuration.process_suite_parameters(suite_parameters=dict(parameters), interactive_evaluation=True)
    configuration.kwargs["batch_id"] = batch_id
    asked = configuration.to_domain_obj()
    needed = asked.get_validation_dependencies(engine, {"result_format": {"result_format": "BASIC"}})
    values = needed.get_metric_configuration(f"{asked.map_metric}.unexpected_values")
    dependencies = private.MapMetricProvider.get_evaluation_dependencies(metric=values, execution_engine=engine)
    metric: private.MetricConfiguration = dependencies["unexpected_condition"]
    return metric
