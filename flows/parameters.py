"""What a run can be asked for: the parameter of the flow, and the form Prefect's UI makes of it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tasks.models import ALL_ENGINES


class Engine(StrEnum):
    """What computes the analysis."""

    POLARS = "polars"
    PANDAS = "pandas"
    DUCKDB = "duckdb"
    DASK = "dask"
    SPARK = "spark"


assert tuple(engine.value for engine in Engine) == ALL_ENGINES


class RunParameters(BaseModel):
    """One run. What is left empty is taken from the config file."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Run")

    dataset: str | None = Field(
        default=None,
        pattern=r"^[a-z][a-z0-9_]*$",
        title="Dataset",
        description="A folder below expectations/, for example events.",
    )
    input: list[str] | None = Field(
        default=None,
        title="Input",
        description="Files, folders, globs or URLs. They replace the config's; relative paths count from the "
        "project's folder on the machine that runs the flow.",
    )
    results_dir: str | None = Field(
        default=None, title="Results folder", description="Where reports, artifacts and the dead-letter table go."
    )
    engine: Engine | None = Field(
        default=None,
        title="Engine",
        description="What computes the analysis. The tables are the same with each; "
        "dask and spark want requirements-extras.txt.",
    )
    config: str | None = Field(default=None, title="Config file", description="Another file than config/pipeline.yaml.")
    refresh: bool = Field(
        default=False, title="Run every stage", description="Also where nothing changed and the result is cached."
    )
    force: bool = Field(
        default=False,
        title="Force",
        description="Analyse the batch even if the gate stops it. The report and the manifest say so.",
    )
    run_id: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        title="Run id",
        description="Name of the run's folder; leave empty for a new one made from the time.",
    )

    def overrides(self) -> dict[str, Any]:
        """What `load_settings` lays over the config file."""
        return {
            "dataset": self.dataset,
            "input": self.input or None,
            "results_dir": self.results_dir,
            "engine": None if self.engine is None else self.engine.value,
        }

    @property
    def config_path(self) -> Path | None:
        """The config file, if another than the shipped one is asked for."""
        return None if self.config is None else Path(self.config)
