"""One run as it is opened: what it was asked to do, checked before anything is done."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from expectations.contract import DATASETS_DIR, Contract, load_contract
from expectations.errors import UsageError
from flows.logs import set_up_logging
from tasks.analyze.engines import require_engine
from tasks.artifacts import ArtifactStore
from tasks.models import Manifest
from tasks.retries import RetryPlan, call_with_retries
from tasks.settings import Settings, load_settings
from tasks.sources import discover

_VERSIONS_KEPT = ("prefect", "polars", "pandas", "duckdb", "narwhals", "great-expectations")


class Run(NamedTuple):
    """What a run works with."""

    run_id: str
    settings: Settings
    contract: Contract
    suite_text: str
    uris: tuple[str, ...]
    store: ArtifactStore
    started_at: datetime
    is_forced: bool = False  # a batch that the gate stops is analysed all the same
    is_arrival: bool = True  # the batch came in just now: it can be too old, or of an unusual volume

    @property
    def folder(self) -> Path:
        """Where the report and the tables go."""
        return self.settings.results_dir / self.run_id


def open_run(
    config: Path | None,
    overrides: Mapping[str, Any],
    run_id: str | None = None,
    *,
    is_forced: bool = False,
    is_arrival: bool = True,
) -> Run:
    """Read and check everything a run depends on but its data.

    Raises:
        UsageError: config, contract or suite are wrong, an input does not exist, or the engine is not installed.
        ConnectionError: a server that holds inputs gave no answer, however often it was asked.
    """
    settings = load_settings(config, overrides)
    require_engine(settings.engine)
    contract = load_contract(settings.dataset)
    return Run(
        run_id=run_id or new_run_id(),
        settings=settings,
        contract=contract,
        suite_text=read_suite(settings.dataset),
        uris=_uris(settings),
        store=ArtifactStore(settings.results_dir / "store"),
        started_at=datetime.now(UTC),
        is_forced=is_forced,
        is_arrival=is_arrival,
    )


def _uris(settings: Settings) -> tuple[str, ...]:
    plan = RetryPlan(**settings.retries.model_dump())
    return tuple(call_with_retries(lambda: discover(settings.input, settings.patterns), plan))


def log_as(run: Run) -> None:
    """From here on every line of this process is one of the run's, and goes where its settings say."""
    settings = run.settings
    set_up_logging(
        settings.log_level,
        run_id=run.run_id,
        dataset=run.contract.dataset,
        log_file=settings.log_file,
        to_stdout=True,
    )


def new_run_id() -> str:
    """A name for a run that sorts by time, to the millisecond: `20260922T080000123Z-4f1c2a`."""
    now = datetime.now(UTC)
    return f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}Z-{secrets.token_hex(3)}"


def read_suite(dataset: str, path: Path | None = None) -> str:
    """The text of a dataset's expectation suite, or of the one that is given in its place.

    Raises:
        UsageError: there is none, or it is not JSON; says file and line.
    """
    path = path or DATASETS_DIR / dataset / "suite.json"
    try:
        text = path.read_text(encoding="utf-8")
        json.loads(text)
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such file; a dataset needs a suite beside its contract") from None
    except json.JSONDecodeError as error:
        raise UsageError(f"{path}:{error.lineno}: not valid JSON: {error.msg}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from None
    return text


def text_digest(text: str) -> str:
    """What a text is, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def manifest(run: Run) -> Manifest:
    """What went into the run, for those who compare two of them."""
    settings = run.settings
    return Manifest(
        contract_digest=run.contract.digest(),
        suite_digest=text_digest(run.suite_text),
        settings={"dataset": settings.dataset, "engine": settings.engine, "input": " ".join(settings.input)},
        versions={name: version(name) for name in _VERSIONS_KEPT},
        is_forced=run.is_forced,
    )
