"""A run a batch over files of the past, resumable: `python -m flows.backfill [--since 2026-05] [--until 2026-10]`.

Files are sorted into batches by the date in their names. A batch that went through with the same files, contract and
suite is not run again, so the command can be stopped and started at will. Without dates it catches up with whatever is
new or has changed, and takes files that come late or were sent again into the batch they belong to.

Exit codes: 0 every batch went through; 1 some were stopped or failed; 2 a wrong call, config, contract or suite.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from expectations.errors import UsageError
from flows.finish import STOPPED_OR_FAILED, WENT_THROUGH, WRONG_USAGE, say
from flows.logs import set_up_logging
from flows.run import Run, log_as, new_run_id, open_run, text_digest
from tasks.ledger import Batch, Ledger, Plan, Unit, key_of, open_ledger, plan_batches
from tasks.safe_errors import describe
from tasks.sources import fingerprint

_GONE_THROUGH = ("passed", "warned")


class Ended(NamedTuple):
    """How the run of a batch ended."""

    batch: Batch
    run_id: str
    outcome: str


RunBatch = Callable[[Run], str]  # runs an opened run; how it ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Plan the batches, run those that are not done, and say what came of it."""
    options = command_line().parse_args(arguments)
    set_up_logging(to_stdout=not options.dry_run)
    try:
        asked = open_run(options.config, _overrides(options), is_arrival=False)
        plan = plan_of(asked, options.by, options.since, options.until)
        if options.dry_run:
            print("\n".join([*_in_words(plan), *_what_is_due(asked, plan)]))
            return WENT_THROUGH
        log_as(asked)
        say("\n".join(_in_words(plan)))
        ended = backfill(asked, plan, options.by, run_plainly, again=options.again)
    except UsageError as error:
        print(f"backfill: {error}", file=sys.stderr)
        return WRONG_USAGE
    except ConnectionError as error:  # of a server that holds inputs
        print(f"backfill: {error}", file=sys.stderr)
        return STOPPED_OR_FAILED
    return STOPPED_OR_FAILED if any(one.outcome not in _GONE_THROUGH for one in ended) else WENT_THROUGH


def command_line() -> argparse.ArgumentParser:
    """The options, and what they mean."""
    parser = argparse.ArgumentParser(prog="python -m flows.backfill", description=__doc__.partition("\n")[0])
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings; default config/pipeline.yaml")
    parser.add_argument("--dataset", metavar="NAME", help="a folder below expectations/")
    parser.add_argument("--input", nargs="+", metavar="PATH_OR_GLOB", help="files, folders, globs or URLs")
    parser.add_argument("--results-dir", metavar="DIR", help="where the runs' folders are made")
    parser.add_argument("--since", metavar="DATE", help="first day or month, such as 2026-05-17 or 2026-05")
    parser.add_argument("--until", metavar="DATE", help="last day or month, itself included")
    parser.add_argument("--by", type=Unit, choices=list(Unit), default=Unit.DAY, help="what a batch holds (day)")
    parser.add_argument("--again", action="store_true", help="also what went through before")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be run")
    return parser


def plan_of(asked: Run, unit: Unit, since: str | None, until: str | None) -> Plan:
    """The batches of a run's input.

    Raises:
        UsageError: a date is none.
    """
    sources = [source for uri in asked.uris for source in fingerprint(uri, notes=asked.store)]
    return plan_batches(sources, unit, since, until)


def backfill(asked: Run, plan: Plan, unit: Unit, run_batch: RunBatch, *, again: bool = False) -> list[Ended]:
    """Run the batches that are not done, the oldest first; one that fails does not keep the next from its turn."""
    ledger = open_ledger(asked.settings.dead_letters.connection_url())
    ended = []
    for planned in plan.batches:
        batch = planned if again else _without_resent(asked, planned, unit, ledger)
        digest = _inputs_digest(asked, batch)
        if not batch.sources:
            continue
        if not again and ledger.is_done(asked.contract.dataset, batch, digest):
            say(f"  {batch.key}: done before")
            continue
        ended.append(_run_one(asked, batch, digest, ledger, run_batch))
    return ended


def run_plainly(run: Run) -> str:
    """Run a batch without a Prefect engine."""
    from flows.plain_stages import run_plainly as run_stages  # noqa: PLC0415  (heavy; a wrong call should not wait)

    summary, _ = run_stages(run)
    return summary.status


def _run_one(asked: Run, batch: Batch, digest: str, ledger: Ledger, run_batch: RunBatch) -> Ended:
    run = asked._replace(run_id=new_run_id(), uris=batch.uris, started_at=datetime.now(UTC))
    log_as(run)
    try:
        outcome = run_batch(run)
    except UsageError:
        raise
    except Exception as error:  # noqa: BLE001  (its report is written and people are told; the next batch has its turn)
        print(f"  {batch.key}: {describe(error)}", file=sys.stderr)
        outcome = "failed"
    ledger.note(asked.contract.dataset, batch, digest, run.run_id, outcome)
    say(f"  {batch.key}: {outcome}, {run.folder / 'report.html'}")
    return Ended(batch, run.run_id, outcome)


def _without_resent(asked: Run, batch: Batch, unit: Unit, ledger: Ledger) -> Batch:
    """The batch without contents that went through as part of another batch, under a name that may be gone by now."""
    before = ledger.known_elsewhere(asked.contract.dataset, batch.sources)
    resent = {uri: old for uri, old in before.items() if key_of(old, unit) != batch.key}
    for uri, old in resent.items():
        say(f"  {batch.key}: not taken, {Path(uri).name} went through before as {Path(old).name}")
    return batch._replace(sources=tuple(source for source in batch.sources if source.uri not in resent))


def _inputs_digest(asked: Run, batch: Batch) -> str:
    return batch.inputs_digest(asked.contract.digest(), text_digest(asked.suite_text))


def _overrides(options: argparse.Namespace) -> dict[str, object]:
    return {name: getattr(options, name) for name in ("dataset", "input", "results_dir")}


def _in_words(plan: Plan) -> Iterator[str]:
    yield f"{len(plan.batches):,} batches"
    for source in plan.undated:
        yield f"  not taken, no date in its name: {source.name}"
    for source in plan.resent:
        yield f"  not taken, the same content is in its batch already: {source.name}"


def _what_is_due(asked: Run, plan: Plan) -> Iterator[str]:
    ledger = open_ledger(asked.settings.dead_letters.connection_url())
    for batch in plan.batches:
        is_done = ledger.is_done(asked.contract.dataset, batch, _inputs_digest(asked, batch))
        yield f"  {batch.key}: {len(batch.sources):,} files, {'done before' if is_done else 'due'}"


if __name__ == "__main__":
    sys.exit(main())
