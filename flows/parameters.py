"""What a run can be asked for: the parameter of the flow, and the form Prefect's UI makes of it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from flows.one_at_a_time import IfBusy
from tasks.models import ALL_ENGINES
from tasks.settings import Settings, load_settings


class Engine(StrEnum):
    """What computes the analysis."""

    POLARS = "polars"
    PANDAS = "pandas"
    DUCKDB = "duckdb"
    DASK = "dask"
    SPARK = "spark"


assert tuple(engine.value for engine in Engine) == ALL_ENGINES


class Place(BaseModel):
    """Which dataset, and where its results are. What is left empty is taken from the config file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: str | None = Field(
        default=None,
        pattern=r"^[a-z][a-z0-9_]*$",
        title="Dataset",
        description="A folder below expectations/, for example events.",
    )
    results_dir: str | None = Field(
        default=None, title="Results folder", description="Where reports, artifacts and the dead-letter table go."
    )
    config: str | None = Field(default=None, title="Config file", description="Another file than config/pipeline.yaml.")

    def overrides(self) -> dict[str, Any]:
        """What `load_settings` lays over the config file."""
        return {"dataset": self.dataset, "results_dir": self.results_dir}

    @property
    def config_path(self) -> Path | None:
        """The config file, if another than the shipped one is asked for."""
        return None if self.config is None else Path(self.config)

    def settings(self) -> Settings:
        """The config file's settings under what is asked for.

        Raises:
            UsageError: the file or what is asked for is wrong.
        """
        return load_settings(self.config_path, self.overrides())


class RunParameters(Place):
    """One run. What is left empty is taken from the config file."""

    model_config = ConfigDict(title="Run")

    input: list[str] | None = Field(
        default=None,
        title="Input",
        description="Files, folders, globs or URLs. They replace the config's; relative paths count from the "
        "project's folder on the machine that runs the flow.",
    )
    engine: Engine | None = Field(
        default=None,
        title="Engine",
        description="What computes the analysis. The tables are the same with each; "
        "dask and spark want requirements-extras.txt.",
    )
    refresh: bool = Field(
        default=False, title="Run every stage", description="Also where nothing changed and the result is cached."
    )
    force: bool = Field(
        default=False,
        title="Force",
        description="Analyse the batch even if the gate stops it. The report and the manifest say so.",
    )
    judge_arrival: bool = Field(
        default=True,
        title="Judge age and volume",
        description="By the contract's baseline (freshness_hours, volume_share). Off for a batch of the past.",
    )
    if_busy: IfBusy = Field(
        default=IfBusy.WAIT,
        title="If busy",
        description="While another run of the dataset goes on, however it was started: wait for its end, or skip this "
        "run. The next run reads all files, so a skipped one loses nothing.",
    )
    run_id: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        title="Run id",
        description="Name of the run's folder; leave empty for a new one made from the time.",
    )

    def overrides(self) -> dict[str, Any]:
        """What `load_settings` lays over the config file."""
        engine = None if self.engine is None else self.engine.value
        return super().overrides() | {"input": self.input or None, "engine": engine}
