"""Dead letters through the gate again: `python -m flows.replay`.

Exit codes: 0 replayed, whatever was released; 1 it failed; 2 the call, config, contract, suite or repair is wrong;
3 the dead-letter database is away.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.exc import DBAPIError

from expectations.contract import load_contract
from expectations.errors import UsageError
from flows.attempt import Attempt, Demands, count_refused, try_letters
from flows.finish import STOPPED_OR_FAILED, WENT_THROUGH
from flows.letter_exit import ended, failed
from flows.letter_options import actor, add_filters, existing_folder
from flows.logs import set_up_logging
from flows.one_at_a_time import RunInTheWayError, one_at_a_time
from flows.parameters import Place
from flows.releases import released_candidates
from flows.replay_models import Outcome, ReplayParameters
from flows.replay_plan import Plan, Workshop, plan_replay
from flows.restate import make_owed
from flows.run import new_run_id, read_suite, text_digest
from tasks.artifacts import ArtifactStore
from tasks.dead_letters.access import open_from, raw_reader
from tasks.dead_letters.pending import StoreUnavailableError, load_waiting, persist
from tasks.dead_letters.raw_text import RawReader
from tasks.dead_letters.repairs import Repair, find_repair
from tasks.dead_letters.replays import Released, ReplayConflictError, ReplayFacts
from tasks.dead_letters.store import DeadLetterStore
from tasks.safe_errors import describe
from tasks.settings import Settings, load_settings

_log = logging.getLogger(__name__)


class Replay(NamedTuple):
    """A replay as it is opened: everything it depends on, checked."""

    replay_id: str
    actor: str
    parameters: ReplayParameters
    settings: Settings
    demands: Demands
    repairs: tuple[Repair, ...]
    request: str
    table: DeadLetterStore
    reader: RawReader
    store: ArtifactStore

    @property
    def dataset(self) -> str:
        """Whose letters."""
        return self.demands.contract.dataset


def replay_letters(parameters: ReplayParameters, settings: Settings, who: str) -> Outcome:
    """Replay dead letters of one dataset, and restate the runs they belong to.

    What an interrupted replay left is finished first; if that was the same replay, it is not done twice.

    Args:
        parameters: which letters, and with what repairs.
        settings: the dataset, and where its results are.
        who: is written down with what is released.

    Raises:
        UsageError: contract, suite, filters or a repair are wrong.
        StoreUnavailableError: the database does not answer. What was not recorded has not happened.
        ReplayConflictError: somebody else changed the letters meanwhile. Nothing was recorded.
    """
    dataset = settings.dataset
    demands = Demands(load_contract(dataset), read_suite(dataset))
    repairs = tuple(find_repair(line, demands.contract) for line in parameters.repair)
    digests = [demands.contract.digest(), text_digest(demands.suite_text), *(repair.digest for repair in repairs)]
    request = parameters.request(dataset, *digests)
    replay_id = new_run_id()
    store = ArtifactStore(settings.results_dir / "store")
    with (
        one_at_a_time(settings.results_dir, dataset, replay_id),
        persist(lambda: open_from(settings.dead_letters)) as table,
    ):
        reader = raw_reader(settings.dead_letters, table)
        replay = Replay(replay_id, who, parameters, settings, demands, repairs, request, table, reader, store)
        return _dry_run(replay) if parameters.dry_run else _replay(replay)


def _replay(replay: Replay) -> Outcome:
    load_waiting(replay.table, replay.store.root / "pending")
    interrupted = replay.table.unfinished_replay(replay.request)
    finished = make_owed(replay.table, replay.settings, replay.demands)
    if interrupted is not None:
        return Outcome(**interrupted.outcome, restated=tuple(finished), resumed=True)
    plan, attempts = _try(replay)
    outcome = _outcome(replay, plan, attempts)
    _record(replay, attempts, plan, outcome)
    restated = make_owed(replay.table, replay.settings, replay.demands)
    return outcome.model_copy(update={"restated": tuple(restated)})


def _dry_run(replay: Replay) -> Outcome:
    plan, attempts = _try(replay)
    return _outcome(replay, plan, attempts).model_copy(update={"dry_run": True})


def _try(replay: Replay) -> tuple[Plan, dict[str, Attempt]]:
    work = Workshop(replay.table, replay.reader, replay.demands, replay.repairs, replay.store)
    plan = plan_replay(work, replay.parameters.filters(replay.dataset))
    attempts = {}
    for run_id, tried in plan.by_run.items():
        record = plan.records[run_id]
        before = released_candidates(replay.table, replay.reader, record.landed, *replay.demands)
        attempts[run_id] = try_letters(record, tried, before, replay.demands, replay.store)
    return plan, attempts


def _outcome(replay: Replay, plan: Plan, attempts: dict[str, Attempt]) -> Outcome:
    refused = {id_: codes for attempt in attempts.values() for id_, codes in attempt.refused.items()}
    released = {one.letter_id for attempt in attempts.values() for one in attempt.released}
    examples = [one.model_copy(update={"is_released": one.id in released}) for one in plan.examples]
    return Outcome(
        dataset=replay.dataset,
        chosen=plan.chosen,
        released=len(released),
        refused=count_refused(refused),
        not_tried=dict(plan.not_tried.most_common()),
        examples=tuple(examples),
    )


def _record(replay: Replay, attempts: dict[str, Attempt], plan: Plan, outcome: Outcome) -> None:
    """Record the replay in one transaction. From here on its restatements are owed."""
    released = [
        Released(bytes.fromhex(one.letter_id), one.raw, one.repair)
        for attempt in attempts.values()
        for one in attempt.released
    ]
    attempted = [bytes.fromhex(one.letter_id) for tried in plan.by_run.values() for one in tried]
    restated = {
        run_id: _next_version(replay, plan.records[run_id].original)
        for run_id, attempt in attempts.items()
        if attempt.released
    }
    facts = ReplayFacts(
        replay_id=replay.replay_id,
        dataset=replay.dataset,
        request=replay.request,
        actor=replay.actor,
        repair=" ".join(replay.parameters.repair) or None,
        contract_digest=replay.demands.contract.digest(),
        suite_digest=text_digest(replay.demands.suite_text),
        outcome=outcome.stored(),
    )
    persist(lambda: replay.table.record_replay(facts, released, attempted, restated))
    _log.info("replayed", extra={"stage": "replay", "rows": len(released), "dataset": replay.dataset})


def _next_version(replay: Replay, original: str) -> str:
    taken = [int(run_id.rpartition("-v")[2]) for run_id in replay.table.versions_of(original)]
    return f"{original}-v{max(taken, default=1) + 1}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Replay as the command line says."""
    options = command_line().parse_args(arguments)
    set_up_logging()
    return ended(lambda: _replay_as_asked(options))


def _replay_as_asked(options: argparse.Namespace) -> int:
    settings = load_settings(options.config, {"dataset": options.dataset, "results_dir": options.results_dir})
    set_up_logging(settings.log_level, log_file=settings.log_file)
    try:
        outcome = replay_letters(_parameters(options), settings, actor())
    except (ReplayConflictError, RunInTheWayError) as error:
        return failed(str(error), STOPPED_OR_FAILED)
    except (UsageError, StoreUnavailableError, DBAPIError):
        raise
    except Exception as error:  # noqa: BLE001 - here it becomes an exit code
        _log.exception("the replay failed")
        return failed(f"the replay failed: {describe(error)}", STOPPED_OR_FAILED)
    print("\n".join(in_words(outcome, settings.results_dir)))
    return WENT_THROUGH


def in_words(outcome: Outcome, results_dir: Path) -> Iterator[str]:
    """What came of a replay, for people."""
    would = "would be released" if outcome.dry_run else "released"
    yield f"{outcome.dataset}: {outcome.released:,} of {outcome.chosen:,} dead letters {would}"
    if outcome.resumed:
        yield "  (an interrupted replay of the same letters was finished)"
    for code, number in outcome.refused.items():
        yield f"  {number:,} refused again: {code}"
    for why, number in outcome.not_tried.items():
        yield f"  {number:,} not tried: {why}"
    for example in outcome.examples:
        yield f"  {example.id[:12]} {'passes' if example.is_released else 'does not pass'}"
        yield f"    - {example.before}"
        yield f"    + {example.after}"
    for run_id in outcome.restated:
        yield f"  restated: {results_dir / run_id / 'report.html'}"
        yield f"  what moved: {results_dir / run_id / 'differences.html'}"


def command_line() -> argparse.ArgumentParser:
    """The options, and what they mean."""
    parser = argparse.ArgumentParser(
        prog="python -m flows.replay",
        description="Send open dead letters through ingest and gate again, and restate the runs they belong to.",
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings; default config/pipeline.yaml")
    parser.add_argument("--results-dir", type=existing_folder, metavar="DIR", help="where runs leave what they make")
    parser.add_argument("--dry-run", action="store_true", help="say what would be released; record nothing")
    parser.add_argument(
        "--repair",
        action="append",
        default=[],
        metavar="NAME",
        help="mend each letter first, such as epoch:column=start,unit=ms; of several, the first that applies",
    )
    add_filters(parser, with_status=False)
    return parser


def _parameters(options: argparse.Namespace) -> ReplayParameters:
    asked = set(ReplayParameters.model_fields) - set(Place.model_fields)  # the place is in the settings by now
    return ReplayParameters.model_validate({name: getattr(options, name) for name in asked})


if __name__ == "__main__":
    sys.exit(main())
