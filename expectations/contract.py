"""The contract: what a dataset must look like, read from `expectations/<dataset>/contract.yaml`."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from expectations.drift import Drift, DriftPolicy
from expectations.errors import UsageError
from expectations.number_formats import number_format
from expectations.pins import Pins
from expectations.time_formats import check_format, known_zone
from expectations.yaml_file import load_yaml_model

DATASETS_DIR = Path(__file__).parent


class ColumnType(StrEnum):
    """The types a column can be landed as."""

    STRING = "string"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    DATE = "date"


class DurationUnit(StrEnum):
    """Units of a duration column."""

    MICROSECONDS = "microseconds"
    MILLISECONDS = "milliseconds"
    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Part):
    """One column: how its text becomes values, and what it means."""

    type: ColumnType
    required: bool = Field(False, description="a file without this column is not of this dataset")
    formats: tuple[str, ...] = Field((), description="strptime formats of a date or datetime, tried in this order")
    scale: int = Field(2, ge=0, le=9, description="digits after the point of a decimal")
    number_format: str | None = Field(None, description="1234.56 as these numbers are written, such as 1.234,56")
    time_zone: str | None = Field(None, description="zone of a datetime; values with an offset are converted to it")
    aliases: tuple[str, ...] = Field((), description="other names this column comes under")
    personal: bool = Field(False, description="masked in listings, reports, artifacts and logs")
    unit: str | None = Field(None, description="unit of the values, printed on axes and in tables")
    description: str = ""

    @model_validator(mode="after")
    def _formats_fit_type(self) -> Self:
        is_temporal = self.type in (ColumnType.DATETIME, ColumnType.DATE)
        if is_temporal and not self.formats:
            raise ValueError(f"a {self.type} column needs `formats`, for example ['%Y-%m-%d']")
        if self.formats and not is_temporal:
            raise ValueError(f"`formats` belongs to date and datetime columns, this one is {self.type}")
        for form in self.formats:
            check_format(form, is_date=self.type is ColumnType.DATE, time_zone=self.time_zone)
        return self

    @model_validator(mode="after")
    def _number_format_fits_type(self) -> Self:
        if self.number_format is not None:
            number_format(self.number_format)
            if self.type not in (ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.FLOAT):
                raise ValueError(f"`number_format` belongs to columns of numbers, this one is {self.type}")
        return self

    @model_validator(mode="after")
    def _zone_fits_type(self) -> Self:
        if self.time_zone is not None:
            known_zone(self.time_zone)
            if self.type is not ColumnType.DATETIME:
                raise ValueError(f"`time_zone` belongs to datetime columns, this one is {self.type}")
        return self


class Duration(_Part):
    """A column that holds durations, for datasets without an end time."""

    column: str
    unit: DurationUnit


class Roles(_Part):
    """Which column plays which part in the analysis. A role left out switches its tables off."""

    entity: str | None = None
    start: str | None = None
    end: str | None = None
    duration: Duration | None = None
    category: str | None = None
    value: str | None = None

    def columns(self) -> dict[str, str]:
        """Role to column name, for the roles that are filled."""
        named = {role: getattr(self, role) for role in ("entity", "start", "end", "category", "value")}
        if self.duration is not None:
            named["duration"] = self.duration.column
        return {role: column for role, column in named.items() if column is not None}


class Limits(_Part):
    """Past these the batch is stopped (or a file becomes one dead letter)."""

    rejected_share: Annotated[float, Field(ge=0, le=1)] = 0.1
    rejected_rows: Annotated[int, Field(ge=0)] | None = None
    file_rejected_share: Annotated[float, Field(ge=0, le=1)] = 0.5
    file_rejected_rows: Annotated[int, Field(ge=0)] | None = None
    dead_files: Annotated[int, Field(ge=0)] | None = None


class Baseline(_Part):
    """Which runs before a run is held against, and what is done when it is far from them."""

    # How many past runs make the baseline; only those that were let through are in it.
    runs: Annotated[int, Field(ge=1)] = 20
    # With fewer past runs nothing is called drift.
    least_runs: Annotated[int, Field(ge=2)] = 3
    # A number that is this many robust deviations from its median has drifted.
    deviations: Annotated[float, Field(gt=0)] = 6.0
    # A distribution with this population stability index has drifted.
    psi: Annotated[float, Field(gt=0)] = 0.2
    # How old the newest row may be when the run starts; left out: any age.
    freshness_hours: Annotated[float, Field(gt=0)] | None = None
    # By what share of their median in past runs the accepted rows may be more or fewer; left out: any number.
    volume_share: Annotated[float, Field(gt=0)] | None = None
    # What the gate does with a batch that is too old or of another volume: analysed or not, it is in the report.
    at_gate: Literal["note", "warn", "stop"] = "warn"
    on_drift: Literal["note", "warn", "stop"] = "note"


class Display(_Part):
    """How numbers and times are written for people. Units stand with the columns."""

    language: Literal["en", "de", "de-CH", "es", "fr", "it", "nl", "pt", "sv"] = "en"
    # Zone in which the times of runs are printed.
    time_zone: str = "UTC"

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        return known_zone(zone)


class ListedRepair(_Part):
    """A repair for dead letters that this dataset offers by a name of its own (docs/dead_letters.md)."""

    function: str | None = Field(None, pattern=r"^[\w.]+:\w+$", description="a pure function, `package.module:name`")
    takes: Literal["raw", "record"] = "record"
    use: str | None = Field(None, description="a built-in repair with its settings, `epoch:column=start`")
    description: str = ""

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if (self.function is None) == (self.use is None):
            raise ValueError("a repair needs either `function` or `use`")
        return self


class Contract(_Part):
    """What a dataset must look like."""

    dataset: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: int = 1
    description: str = ""
    columns: dict[str, Column] = Field(min_length=1)
    null_values: tuple[str, ...] = Field(
        ("", "NA", "N/A", "NULL", "null", "NaN", "nan", "None"), description="texts read as missing"
    )
    roles: Roles = Roles()
    unique_key: tuple[str, ...] = ()
    sources: tuple[Pins, ...] = Field((), description="how files are written; of several that fit, the first counts")
    drift: Drift = Drift()
    limits: Limits = Limits()
    baseline: Baseline = Baseline()
    display: Display = Display()
    repairs: dict[str, ListedRepair] = Field({}, description="repairs for dead letters, by the name replay knows")

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        for role, column in self.roles.columns().items():
            if column not in self.columns:
                raise ValueError(f"roles.{role} names the column {column!r}, which `columns` does not have")
        for column in self.unique_key:
            if column not in self.columns:
                raise ValueError(f"unique_key names the column {column!r}, which `columns` does not have")
        reserved = [name for name in self.columns if name.startswith("__")]
        if reserved:
            raise ValueError(f"column names that begin with two underscores are Sluice's own: {', '.join(reserved)}")
        return self

    @model_validator(mode="after")
    def _names_are_told_apart(self) -> Self:
        owners: dict[str, str] = {}
        for name, column in self.columns.items():
            for said in (name, *column.aliases):
                owner = owners.setdefault(said.strip().casefold(), name)
                if owner != name:
                    raise ValueError(f"the columns {owner!r} and {name!r} share one name, {said!r}; cases do not count")
        return self

    @model_validator(mode="after")
    def _has_room_for_texts(self) -> Self:
        if self.drift.retyped is DriftPolicy.EVOLVE:
            taken = [name for name in self.columns if text_column(name) in self.columns]
            if taken:
                name = text_column(taken[0])
                raise ValueError(f"`retyped: evolve` needs the name {name!r} for texts that do not fit {taken[0]!r}")
        return self

    def pins_for(self, uri: str) -> Pins | None:
        """What is pinned of a source; None where nothing is."""
        return next((pins for pins in self.sources if pins.fits(uri)), None)

    @property
    def personal_columns(self) -> frozenset[str]:
        """Names of the columns that are masked wherever people look."""
        return frozenset(name for name, column in self.columns.items() if column.personal)

    def without_number_formats(self) -> Contract:
        """For files whose numbers are written by rules of their own, such as JSON."""
        plain = {name: column.model_copy(update={"number_format": None}) for name, column in self.columns.items()}
        return self.model_copy(update={"columns": plain})

    def digest(self) -> str:
        """What this contract demands, as 64 hexadecimal digits. Repairs and display are no part of it."""
        return hashlib.sha256(self.model_dump_json(exclude={"repairs", "display"}).encode()).hexdigest()


def text_column(name: str) -> str:
    """The column that keeps texts which do not fit a column's type, where `drift.retyped` is `evolve`."""
    return f"{name}__text"


def dataset_names(datasets_dir: Path = DATASETS_DIR) -> list[str]:
    """The datasets there are: every folder that holds a contract."""
    return sorted(found.parent.name for found in datasets_dir.glob("*/contract.yaml"))


def load_contract(dataset: str, datasets_dir: Path = DATASETS_DIR) -> Contract:
    """Read a dataset's contract.

    Raises:
        UsageError: there is no such dataset, or its contract is wrong; says file, line and key.
    """
    path = datasets_dir / dataset / "contract.yaml"
    if not path.is_file():
        known = ", ".join(dataset_names(datasets_dir)) or "none yet"
        raise UsageError(f"there is no dataset {dataset!r}: {path} is missing (datasets here: {known})")
    contract = load_yaml_model(path, Contract)
    if contract.dataset != dataset:
        raise UsageError(f"{path}: dataset: says {contract.dataset!r} but the folder is {dataset!r}; make them equal")
    return contract
