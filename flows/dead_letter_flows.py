"""Replay, backtest and the state of the dead letters as Prefect flows, to be run from the UI with a form."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Failed
from pydantic import ConfigDict

from expectations.errors import UsageError
from flows.backtest import BacktestParameters, backtest
from flows.letter_options import actor
from flows.logs import set_up_logging
from flows.one_at_a_time import RunInTheWayError
from flows.parameters import Place
from flows.replay import in_words, replay_letters
from flows.replay_models import ReplayParameters
from tasks.dead_letters.access import open_from
from tasks.dead_letters.backtest_page import as_markdown
from tasks.dead_letters.models import Filters, Stats
from tasks.dead_letters.pending import StoreUnavailableError, persist
from tasks.dead_letters.replays import ReplayConflictError
from tasks.settings import Settings

Answer = State[Any] | dict[str, Any]


class StatsParameters(Place):
    """Whose dead letters are looked at."""

    model_config = ConfigDict(title="Dead letters")


@flow(name="sluice-replay", validate_parameters=True)
def sluice_replay(parameters: ReplayParameters | None = None) -> Answer:
    """Send open dead letters through ingest and gate again, and restate the runs they belong to."""
    asked = parameters or ReplayParameters()
    try:
        settings = _opened(asked)
        outcome = replay_letters(asked, settings, f"prefect, {actor()}")
    except (UsageError, StoreUnavailableError, ReplayConflictError, RunInTheWayError) as error:
        return Failed(message=str(error))
    words = "\n".join(f"    {line}" for line in in_words(outcome, settings.results_dir))
    create_markdown_artifact(key=_key(settings, "replay"), markdown=words, description="What the replay released")
    return outcome.stored() | {"restated": list(outcome.restated)}


@flow(name="sluice-backtest", validate_parameters=True)
def sluice_backtest(parameters: BacktestParameters | None = None) -> Answer:
    """Try a changed suite or contract on past batches; fails past a limit."""
    asked = parameters or BacktestParameters()
    try:
        settings = _opened(asked)
        done = backtest(asked, settings)
    except (UsageError, StoreUnavailableError) as error:
        return Failed(message=str(error))
    create_markdown_artifact(
        key=_key(settings, "backtest"), markdown=as_markdown(done.report), description="What would change"
    )
    if done.is_past_limit:
        return Failed(message=done.report.limit_words)
    return {"rejected": done.report.rejected, "released": done.report.released, "folder": str(done.folder)}


@flow(name="sluice-dead-letters", validate_parameters=True)
def sluice_dead_letters(parameters: StatsParameters | None = None) -> Answer:
    """Show how many dead letters are open, since when, and why."""
    try:
        settings = _opened(parameters or StatsParameters())
        with persist(lambda: open_from(settings.dead_letters)) as table:
            stats = table.stats(Filters(dataset=settings.dataset))
    except (UsageError, StoreUnavailableError) as error:
        return Failed(message=str(error))
    _show(stats, settings)
    return {status.value: number for status, number in stats.by_status.items()}


def _opened(asked: Place) -> Settings:
    settings = asked.settings()
    set_up_logging(settings.log_level, dataset=settings.dataset, log_file=settings.log_file, to_stdout=True)
    return settings


def _show(stats: Stats, settings: Settings) -> None:
    reasons = [one.model_dump(mode="json") for one in stats.open_by_reason]
    create_table_artifact(key=_key(settings, "reasons"), table=reasons, description="Open dead letters by reason")
    ages = [{"first seen": age, "open": number} for age, number in stats.open_by_age.items()]
    create_table_artifact(key=_key(settings, "ages"), table=ages, description="Open dead letters by age")


def _key(settings: Settings, what: str) -> str:
    """An artifact's key: with the dataset in it, the UI shows each dataset's history."""
    return f"sluice-{settings.dataset.replace('_', '-')}-{what}"
