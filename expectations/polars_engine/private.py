"""Every name of Great Expectations that this plug-in uses although it is not public, in one place.

`tests/unit/polars_engine/test_private_names.py` fails when one of them is gone or means something else, so that a new
version of Great Expectations is met there and not in somebody's validation results. The range is pinned: 1.24.
"""

from great_expectations.core.batch import BatchData, BatchMarkers, LegacyBatchDefinition
from great_expectations.core.batch_spec import RuntimeDataBatchSpec
from great_expectations.core.id_dict import IDDict
from great_expectations.core.metric_function_types import MetricFunctionTypes, MetricPartialFunctionTypes
from great_expectations.datasource.fluent.batch_identifier_util import make_batch_identifier
from great_expectations.datasource.fluent.constants import _DATA_CONNECTOR_NAME as DATA_CONNECTOR_NAME
from great_expectations.datasource.fluent.interfaces import Batch, DataAsset, Datasource
from great_expectations.execution_engine.execution_engine import ExecutionEngine
from great_expectations.expectations.metrics.map_metric_provider.map_metric_provider import MapMetricProvider
from great_expectations.expectations.metrics.metric_provider import MetricProvider
from great_expectations.expectations.registry import _registered_expectations as REGISTERED_EXPECTATIONS  # noqa: N812  # a constant to us
from great_expectations.expectations.registry import _registered_metrics as REGISTERED_METRICS  # noqa: N812
from great_expectations.expectations.registry import get_metric_kwargs, get_metric_provider, register_metric
from great_expectations.validator.metric_configuration import MetricConfiguration

__all__ = [
    "DATA_CONNECTOR_NAME",
    "REGISTERED_EXPECTATIONS",
    "REGISTERED_METRICS",
    "Batch",
    "BatchData",
    "BatchMarkers",
    "DataAsset",
    "Datasource",
    "ExecutionEngine",
    "IDDict",
    "LegacyBatchDefinition",
    "MapMetricProvider",
    "MetricConfiguration",
    "MetricFunctionTypes",
    "MetricPartialFunctionTypes",
    "MetricProvider",
    "RuntimeDataBatchSpec",
    "get_metric_kwargs",
    "get_metric_provider",
    "make_batch_identifier",
    "register_metric",
]


def share(name: str, provider: type[MetricProvider], function: object) -> None:
    """Let Polars use a metric function that was written for pandas, where it only combines other metrics."""
    REGISTERED_METRICS[name]["providers"]["PolarsExecutionEngine"] = (provider, function)


def declare(name: str, pattern: str, options: tuple[str, ...]) -> None:
    """Declare a metric that looks at the same rows and columns as another one and takes further arguments."""
    known = REGISTERED_METRICS[pattern]
    result_format = tuple(key for key in known["metric_value_keys"] if key == "result_format")
    REGISTERED_METRICS[name] = {**known, "metric_value_keys": (*options, *result_format), "providers": {}}
