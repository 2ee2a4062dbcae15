"""What the plug-in uses of Great Expectations although it is not public still means what it meant in 1.24."""

from __future__ import annotations

import inspect
import logging
import warnings

import great_expectations as gx
import pytest
from great_expectations.expectations.core import (
    ExpectColumnTypeToBe,
    ExpectColumnValuesToBeInTypeList,
    ExpectColumnValuesToBeOfType,
)
from great_expectations.expectations.expectation import Expectation
from great_expectations.render.view import DefaultJinjaPageView

from expectations.polars_engine import PolarsExecutionEngine, private
from expectations.polars_engine.conditions.catalog import ROW_METRICS
from expectations.polars_engine.quiet import warnings_as_before


def parameters(function: object) -> list[str]:
    return list(inspect.signature(function).parameters)  # type: ignore[arg-type]  # functions, all of them


def test_the_version_is_one_that_was_tried() -> None:
    assert gx.__version__.startswith("1.24.")


def test_the_registry_is_a_dict_of_metrics_with_their_keys_and_providers() -> None:
    known = private.REGISTERED_METRICS["column_values.between.condition"]
    assert known["metric_value_keys"] == ("min_value", "max_value", "strict_min", "strict_max")
    assert "row_condition" in known["metric_domain_keys"]
    provider, function = known["providers"]["PandasExecutionEngine"]
    assert issubclass(provider, private.MapMetricProvider)
    assert callable(function)


@pytest.mark.parametrize("map_metric", sorted(ROW_METRICS))
def test_every_row_metric_is_one_of_great_expectations(map_metric: str) -> None:
    assert f"{map_metric}.condition" in private.REGISTERED_METRICS
    assert f"{map_metric}.unexpected_count" in private.REGISTERED_METRICS


def test_metrics_about_failing_rows_depend_on_the_condition_by_that_name() -> None:
    asked = private.MetricConfiguration(
        "column_values.in_set.unexpected_values",
        metric_domain_kwargs={"column": "a"},
        metric_value_kwargs={"value_set": [1], "result_format": {"result_format": "BASIC"}},
    )
    needed = private.MapMetricProvider.get_evaluation_dependencies(asked, execution_engine=PolarsExecutionEngine())
    condition = needed["unexpected_condition"]
    assert condition.metric_name == "column_values.in_set.condition"
    assert condition.metric_value_kwargs == {"value_set": [1]}


def test_the_engine_hooks_are_called_as_they_were() -> None:
    engine = private.ExecutionEngine
    assert parameters(engine.resolve_metrics) == [
        "self",
        "metrics_to_resolve",
        "metrics",
        "runtime_configuration",
    ]
    built = engine._build_direct_and_bundled_metric_computation_configurations
    assert parameters(built) == ["self", "metrics_to_resolve", "metrics", "runtime_configuration"]
    assert parameters(engine._partition_domain_kwargs) == ["self", "domain_kwargs", "domain_type", "accessor_keys"]


def test_a_data_source_adds_assets_and_a_batch_has_its_engine() -> None:
    assert parameters(private.Datasource._add_asset)[:2] == ["self", "asset"]
    assert private.DATA_CONNECTOR_NAME == "fluent"
    assert "execution_engine" in parameters(private.BatchData.__init__)


@pytest.mark.parametrize(
    "expectation", [ExpectColumnTypeToBe, ExpectColumnValuesToBeOfType, ExpectColumnValuesToBeInTypeList]
)
def test_expectations_about_types_judge_by_the_metric_of_types(expectation: type) -> None:
    wanted = ["self", "metrics", "runtime_configuration", "execution_engine"]
    assert parameters(expectation._validate) == wanted  # type: ignore[attr-defined]  # theirs


def test_an_expectation_collects_its_arguments_from_its_configuration() -> None:
    assert parameters(Expectation._get_runtime_kwargs) == ["self", "runtime_configuration"]
    assert isinstance(Expectation.configuration, property)


def test_a_page_renders_its_pieces_by_the_method_that_escapes_them() -> None:
    assert parameters(DefaultJinjaPageView.render_content_block)[:3] == ["self", "jinja_context", "content_block"]


def test_importing_leaves_warnings_as_they_were() -> None:
    before = warnings.showwarning
    with warnings_as_before():
        logging.captureWarnings(capture=True)
    assert warnings.showwarning is before
