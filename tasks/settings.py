"""What a run is set to: `config/pipeline.yaml`, and what a command line or a deployment overrides in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator

from expectations.errors import UsageError
from expectations.yaml_file import load_right_part, load_yaml_model
from tasks.models import EngineName, Frozen, UnpackLimits

PROJECT_DIR = Path(__file__).resolve().parent.parent
DEFAULT_CONFIG = PROJECT_DIR / "config" / "pipeline.yaml"
_SQLITE = "sqlite:///"


def _refuse_secret(value: object) -> object:
    if value is not None:
        raise ValueError(
            "a password does not belong in a file; put it into an environment variable and name that variable "
            "here instead, for example `password_env: SLUICE_PASSWORD`"
        )
    return value


NoPassword = Annotated[None, BeforeValidator(_refuse_secret), Field(exclude=True, repr=False)]


class Outcome(StrEnum):
    """How a run can end."""

    PASSED = "passed"
    WARNED = "warned"
    STOPPED = "stopped"
    FAILED = "failed"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"


class DeadLetterSettings(Frozen):
    """Where dead letters are kept."""

    url: str = Field(default="", description="SQLAlchemy URL without a password; empty: SQLite in the results folder")
    password_env: str | None = Field(default=None, description="environment variable that holds the database password")
    password: NoPassword = None
    raw: Literal["plain", "encrypted", "reference"] = Field(
        default="plain", description="raw text: as it came, under a key, or only where it is in its file"
    )
    key_env: str | None = Field(default=None, description="environment variable that holds the key of `raw: encrypted`")
    retention_days: int | None = Field(
        default=None, ge=1, description="replayed and discarded letters no run has seen for so long are deleted"
    )

    @model_validator(mode="after")
    def _encryption_has_a_key(self) -> DeadLetterSettings:
        if self.raw == "encrypted" and self.key_env is None:
            raise ValueError("`raw: encrypted` needs `key_env`, the environment variable that holds the key")
        return self

    @field_validator("url")
    @classmethod
    def _holds_no_password(cls, url: str) -> str:
        if "://" in url and urlsplit(url).password:
            raise ValueError("the URL holds a password; take it out and name its variable in `password_env`")
        return url

    def connection_url(self, environ: Mapping[str, str] | None = None) -> str:
        """The URL to connect with: the password, if one is named, put in. Never log it, never keep it.

        Raises:
            UsageError: the environment variable is not set.
        """
        if self.password_env is None:
            return self.url
        parts = urlsplit(self.url)
        password = quote(read_secret(self.password_env, "dead_letters.password_env", environ), safe="")
        place = f"{parts.username or ''}:{password}@{parts.netloc.rpartition('@')[2]}"
        return urlunsplit(parts._replace(netloc=place))


class RetrySettings(Frozen):
    """How often a stage is tried when something passing goes wrong (a time-out, a lost connection)."""

    attempts: int = Field(default=3, ge=1, le=20, description="first try included")
    first_delay_seconds: float = Field(default=2.0, ge=0, description="doubles with every further try")
    jitter: float = Field(default=0.5, ge=0, le=1, description="up to this share longer, by chance")


class EmailSettings(Frozen):
    """An SMTP server and whom to write to."""

    host: str
    port: int = Field(default=587, ge=1, le=65535)
    tls: Literal["starttls", "ssl", "none"] = "starttls"
    user: str | None = None
    password_env: str = Field(
        default="SLUICE_SMTP_PASSWORD", description="environment variable that holds the password"
    )
    sender: str
    recipients: tuple[str, ...] = Field(min_length=1)
    timeout_seconds: float = Field(default=20.0, gt=0)
    ca_file: Path | None = Field(default=None, description="certificates to trust instead of the system's own")
    password: NoPassword = None

    @model_validator(mode="after")
    def _no_login_in_clear(self) -> EmailSettings:
        if self.user is not None and self.tls == "none":
            raise ValueError("`user` with `tls: none` would send the password in clear; use starttls or ssl")
        return self


class WebhookSettings(Frozen):
    """A web address that alerts are posted to as JSON; its `text` is what Slack and its like show."""

    url_env: str = Field(default="SLUICE_WEBHOOK_URL", description="environment variable that holds the address")
    timeout_seconds: float = Field(default=10.0, gt=0)


class AppriseSettings(Frozen):
    """Teams, Telegram, PagerDuty, ntfy and the rest, through Apprise."""

    urls_env: str = Field(
        default="SLUICE_APPRISE_URLS", description="environment variable that holds Apprise URLs, blanks between them"
    )


class AlertSettings(Frozen):
    """Whom to tell, and of what."""

    outcomes: tuple[Outcome, ...] = (Outcome.FAILED, Outcome.STOPPED, Outcome.CRASHED, Outcome.TIMED_OUT)
    rejected_share_over: float | None = Field(
        default=None, ge=0, le=1, description="told when a larger share of the records became dead letters"
    )
    drift: bool = Field(default=True, description="told when a dataset has drifted further than its contract allows")
    dead_letter_age_days: float | None = Field(default=None, gt=0, description="told when an open one is older")
    no_new_data_hours: float | None = Field(default=None, gt=0, description="told when the last new file is older")
    repeat_after_hours: float = Field(default=24, ge=0, description="what stays wrong is told again only so often")
    recovery: bool = Field(default=True, description="say when it is well again")
    report_url: str = Field(
        default="", description="where reports are served, with {run_id} in it; empty: their path on this machine"
    )
    retries: RetrySettings = RetrySettings()
    email: EmailSettings | None = None
    webhook: WebhookSettings | None = None
    apprise: AppriseSettings | None = None

    @field_validator("report_url")
    @classmethod
    def _names_the_run(cls, url: str) -> str:
        if url and "{run_id}" not in url:
            raise ValueError(
                "needs {run_id} where the run's name goes, https://reports.example.org/{run_id}/report.html"
            )
        return url


class Settings(Frozen):
    """Everything a run is set to. Paths are absolute; addresses with `://` stay as they are written."""

    dataset: str = Field(default="events", pattern=r"^[a-z][a-z0-9_]*$")
    input: tuple[str, ...] = Field(default=("../data/raw",), min_length=1, description="files, folders, globs or URLs")
    patterns: tuple[str, ...] = Field(
        default=("*.csv", "*.tsv", "*.json", "*.jsonl", "*.ndjson", "*.parquet", "*.zip"),
        min_length=1,
        description="which files of a folder are read",
    )
    results_dir: Path = Path("../data/processed")
    engine: EngineName = "polars"
    dead_letters: DeadLetterSettings = DeadLetterSettings()
    unpacking: UnpackLimits = UnpackLimits()
    retries: RetrySettings = RetrySettings()
    alerts: AlertSettings = AlertSettings()
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_file: Path | None = Field(default=None, description="every log line as JSON as well")
    time_zone: str = Field(default="UTC", description="zone in which schedules are read")
    report_templates: Path | None = Field(
        default=None, description="a folder of templates that take the place of the report's own of the same name"
    )

    @field_validator("input", "patterns", mode="before")
    @classmethod
    def _one_is_a_list_of_one(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value


def load_settings(path: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read the config file and lay the overrides over it.

    Relative paths in the file count from the file's own folder; relative paths in the overrides from the working
    directory, where they were typed.

    Args:
        path: the config file; None for `config/pipeline.yaml`.
        overrides: dotted names and values, `{"results_dir": "out", "retries.attempts": 5}`; None leaves the file's.

    Raises:
        UsageError: the file or an override is wrong; one line a fault, with file, line and key.
    """
    file = DEFAULT_CONFIG if path is None else path
    settings = _with_absolute_paths(load_yaml_model(file, Settings), file.absolute().parent)
    given = {name: value for name, value in (overrides or {}).items() if value is not None}
    return _with_overrides(settings, given) if given else settings


def load_what_is_right(path: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """The settings, or what is right of them: whom to tell that a config is wrong stands in that config.

    Each key that is wrong has its default. A file that cannot be read at all is taken for the shipped one, and
    overrides that are wrong are left out.
    """
    file = DEFAULT_CONFIG if path is None else path
    with suppress(UsageError):
        return load_settings(file, overrides)
    settings = load_settings()
    with suppress(UsageError):
        settings = _with_absolute_paths(load_right_part(file, Settings), file.absolute().parent)
    with suppress(UsageError):
        settings = _with_overrides(settings, {name: value for name, value in (overrides or {}).items() if value})
    return settings


def read_secret(variable: str, key: str, environ: Mapping[str, str] | None = None) -> str:
    """A secret from the environment.

    Raises:
        UsageError: it is not there; says which variable and which key named it.
    """
    secret = (os.environ if environ is None else environ).get(variable)
    if not secret:
        raise UsageError(f"the environment variable {variable} is not set; `{key}` names it as holding a password")
    return secret


def _with_overrides(settings: Settings, given: Mapping[str, Any]) -> Settings:
    values = settings.model_dump()
    if "results_dir" in given and settings.dead_letters.url == _default_url(settings.results_dir):
        values["dead_letters"]["url"] = ""  # it moves with the results unless the file says where it is
    for name, value in given.items():
        *groups, key = name.split(".")
        place = values
        for group in groups:
            place[group] = dict(place.get(group) or {})
            place = place[group]
        place[key] = value
    try:
        return _with_absolute_paths(Settings.model_validate(values), Path.cwd())
    except ValidationError as error:
        raise UsageError("\n".join(_override_fault(fault["loc"], fault["msg"]) for fault in error.errors())) from None


def _override_fault(location: tuple[int | str, ...], message: str) -> str:
    return f"the setting {'.'.join(str(part) for part in location)} is wrong: {message.removeprefix('Value error, ')}"


def _with_absolute_paths(settings: Settings, base: Path) -> Settings:
    results_dir = _absolute(base, str(settings.results_dir))
    url = settings.dead_letters.url or _default_url(Path(results_dir))
    if url.startswith(_SQLITE) and url != _SQLITE + ":memory:":
        url = _SQLITE + _absolute(base, url.removeprefix(_SQLITE))
    alerts = settings.alerts
    if alerts.email is not None and alerts.email.ca_file is not None:
        ca_file = Path(_absolute(base, str(alerts.email.ca_file)))
        email = alerts.email.model_copy(update={"ca_file": ca_file})
        alerts = alerts.model_copy(update={"email": email})
    return settings.model_copy(
        update={
            "alerts": alerts,
            "log_file": None if settings.log_file is None else Path(_absolute(base, str(settings.log_file))),
            "input": tuple(_absolute(base, place) for place in settings.input),
            "results_dir": Path(results_dir),
            "report_templates": _templates(base, settings.report_templates),
            "dead_letters": settings.dead_letters.model_copy(update={"url": url}),
        }
    )


def _templates(base: Path, folder: Path | None) -> Path | None:
    if folder is None:
        return None
    path = Path(_absolute(base, str(folder)))
    if not path.is_dir():
        raise UsageError(f"the setting report_templates is wrong: there is no folder {path}")
    return path


def _default_url(results_dir: Path) -> str:
    return f"{_SQLITE}{results_dir / 'dead_letters.db'}"


def _absolute(base: Path, place: str) -> str:
    return place if "://" in place else os.path.normpath(base / Path(place).expanduser())
