"""Replay, backtest and the state of the dead letters as Prefect flows, to be run from the UI with a form."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Failed
from pydantic import BaseModel, ConfigDict, Field

from expectations.errors import UsageError
from flows.backtest import Backtest, BacktestParameters, backtest
from flows.letter_options import actor
from flows.logs import set_up_logging
from flows.replay import in_words, replay_letters
from flows.replay_models import ReplayParameters
from tasks.dead_letters.access import open_from
from tasks.dead_letters.backtest_page import as_markdown
from tasks.dead_letters.pending import StoreUnavailableError, persist
from tasks.dead_letters.replays import ReplayConflictError
from tasks.settings import load_settings

Answer = State[Any] | dict[str, Any]


class StatsParameters(BaseModel):
    """Nothing has to be said."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Dead letters")

    purge: bool = Field(
        default=False, title="Purge", description="Delete what `dead_letters.retention_days` says is old as well."
    )


@flow(name="sluice-replay", validate_parameters=True)
def sluice_replay(parameters: ReplayParameters | None = None) -> Answer:
    """Send open dead letters through ingest and gate again, and restate the runs they belong to."""
    set_up_logging()
    try:
        settings = load_settings()
        outcome = replay_letters(parameters or ReplayParameters(), settings, f"prefect, {actor()}")
    except (UsageError, StoreUnavailableError, ReplayConflictError) as error:
        return Failed(message=str(error))
    words = "\n".join(f"    {line}" for line in in_words(outcome, settings.results_dir))
    create_markdown_artifact(key="sluice-replay", markdown=words, description="What the replay released")
    return outcome.stored() | {"restated": list(outcome.restated)}


@flow(name="sluice-backtest", validate_parameters=True)
def sluice_backtest(parameters: BacktestParameters | None = None) -> Answer:
    """Try a changed suite or contract on past batches; fails past a limit."""
    set_up_logging()
    try:
        done: Backtest = backtest(parameters or BacktestParameters(), load_settings())
    except (UsageError, StoreUnavailableError) as error:
        return Failed(message=str(error))
    create_markdown_artifact(key="sluice-backtest", markdown=as_markdown(done.report), description="Backtest")
    if done.is_past_limit:
        return Failed(message=done.report.limit_words)
    return {"rejected": done.report.rejected, "released": done.report.released, "folder": str(done.folder)}


@flow(name="sluice-dead-letters", validate_parameters=True)
def sluice_dead_letters(parameters: StatsParameters | None = None) -> Answer:
    """Show how many dead letters are open, since when, and why."""
    set_up_logging()
    asked = parameters or StatsParameters()
    try:
        settings = load_settings().dead_letters
        with persist(lambda: open_from(settings)) as table:
            purged = 0
            if asked.purge and settings.retention_days is not None:
                purged = table.purge(settings.retention_days, f"prefect, {actor()}")
            stats = table.stats()
    except (UsageError, StoreUnavailableError) as error:
        return Failed(message=str(error))
    rows = [one.model_dump(mode="json") for one in stats.open_by_reason]
    create_table_artifact(key="sluice-dead-letters", table=rows, description="Open dead letters by reason")
    ages = [{"first seen": age, "open": number} for age, number in stats.open_by_age.items()]
    create_table_artifact(key="sluice-dead-letters-age", table=ages, description="Open dead letters by age")
    return {"open": stats.by_status, "purged": purged}
