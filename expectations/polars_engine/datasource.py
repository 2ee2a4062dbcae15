"""The data source: `context.data_sources.add_polars(name).add_dataframe_asset(name)`, as for pandas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal

import great_expectations.exceptions as gxe
import polars as pl
from great_expectations.compatibility import pydantic
from great_expectations.core.batch_definition import BatchDefinition
from great_expectations.datasource.fluent import BatchRequest

from expectations.polars_engine import private
from expectations.polars_engine.engine import PolarsExecutionEngine

_WRONG_OPTIONS = 'batch_parameters must be {"dataframe": <a Polars LazyFrame or DataFrame>}'


class PolarsDataFrameAsset(private.DataAsset):
    """A Polars frame that is given when the batch is asked for."""

    type: Literal["polars_dataframe"] = "polars_dataframe"

    class Config:  # noqa: D106  # pydantic's
        extra = pydantic.Extra.forbid

    def test_connection(self) -> None:
        """Nothing to test: the frame comes with the batch."""

    def get_batch_parameters_keys(self, partitioner: Any = None) -> tuple[str, ...]:  # noqa: ARG002  # GX's signature
        """The one parameter a batch takes."""
        return ("dataframe",)

    def get_batch_identifiers_list(self, batch_request: BatchRequest[Any]) -> list[dict[str, Any]]:
        """The one batch there is."""
        return [private.IDDict(batch_request.options)]

    def build_batch_request(
        self, options: dict[str, Any] | None = None, batch_slice: Any = None, partitioner: Any = None
    ) -> BatchRequest[Any]:
        """A request for a batch of one frame.

        Raises:
            BuildBatchRequestError: the options are something else than one Polars frame.
        """
        if batch_slice is not None or partitioner is not None:
            raise gxe.BuildBatchRequestError(message="batch_slice and partitioner must be None for a Polars frame")
        if not _is_one_frame(options):
            raise gxe.BuildBatchRequestError(message=_WRONG_OPTIONS)
        return BatchRequest(datasource_name=self.datasource.name, data_asset_name=self.name, options=options)

    def _validate_batch_request(self, batch_request: BatchRequest[Any]) -> None:
        names = (batch_request.datasource_name, batch_request.data_asset_name)
        if names != (self.datasource.name, self.name) or not _is_one_frame(batch_request.options):
            raise gxe.InvalidBatchRequestError(_WRONG_OPTIONS)

    def get_batch(self, batch_request: BatchRequest[Any]) -> private.Batch:
        """The batch of a request, on an execution engine of its own.

        Two batches of one asset have the same id, so on a shared engine two threads would read each other's frames.
        """
        self._validate_batch_request(batch_request)
        spec = private.RuntimeDataBatchSpec(batch_data=batch_request.options["dataframe"])
        data, markers = self.datasource.new_execution_engine().get_batch_data_and_markers(batch_spec=spec)
        definition = private.LegacyBatchDefinition(
            datasource_name=self.datasource.name,
            data_connector_name=private.DATA_CONNECTOR_NAME,
            data_asset_name=self.name,
            batch_identifiers=private.make_batch_identifier(batch_request.options),
            batch_spec_passthrough=None,
        )
        metadata = self._get_batch_metadata_from_batch_request(
            batch_request=batch_request, ignore_options=("dataframe",)
        )
        return private.Batch(
            datasource=self.datasource,
            data_asset=self,
            batch_request=batch_request,
            data=data,
            metadata=metadata,
            batch_markers=markers,
            batch_spec=spec,
            batch_definition=definition,
        )

    def add_batch_definition_whole_dataframe(self, name: str) -> BatchDefinition[Any]:
        """A batch definition that takes the frame as it is."""
        return self.add_batch_definition(name=name, partitioner=None)


class PolarsDatasource(private.Datasource):
    """Adds a Polars data source to the data context."""

    asset_types: ClassVar[Any] = [PolarsDataFrameAsset]

    type: Literal["polars"] = "polars"
    assets: list[PolarsDataFrameAsset] = []  # noqa: RUF012  # a pydantic field
    _prepare: Callable[[PolarsExecutionEngine], None] | None = pydantic.PrivateAttr(None)

    @property
    def execution_engine_type(self) -> Any:
        """The engine that computes this data source's metrics."""
        return PolarsExecutionEngine

    def new_execution_engine(self) -> PolarsExecutionEngine:
        """A fresh engine, for one batch."""
        engine = PolarsExecutionEngine()
        if self._prepare is not None:
            self._prepare(engine)
        return engine

    def prepare_engines(self, prepare: Callable[[PolarsExecutionEngine], None]) -> None:
        """Call something with every engine that is made from now on."""
        self._prepare = prepare

    def test_connection(self, test_assets: bool = True) -> None:
        """Nothing to test: there is no connection."""

    def add_dataframe_asset(self, name: str, batch_metadata: dict[str, Any] | None = None) -> PolarsDataFrameAsset:
        """Add an asset whose frame is given when a batch is asked for."""
        asset = PolarsDataFrameAsset(name=name, batch_metadata=batch_metadata or {})
        self._add_asset(asset)
        return asset


def _is_one_frame(options: Any) -> bool:
    return (
        isinstance(options, dict)
        and set(options) == {"dataframe"}
        and isinstance(options["dataframe"], pl.LazyFrame | pl.DataFrame)
    )
