"""A changed suite tried on the past before it goes live: `python -m flows.backtest --suite NEW.json`.

Exit codes: 0 within the limits; 1 past a limit; 2 the call, the suite or the contract is wrong, or there is no past
batch; 3 the dead-letter database is away.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from expectations.contract import Contract, load_contract
from expectations.errors import UsageError
from expectations.yaml_file import load_yaml_model
from flows.attempt import Demands, base_files
from flows.finish import STOPPED_OR_FAILED, WENT_THROUGH
from flows.letter_exit import ended
from flows.letter_options import at_least
from flows.letter_text import masked
from flows.logs import set_up_logging
from flows.parameters import Place
from flows.releases import released_candidates, with_candidates
from flows.run import new_run_id, read_suite
from flows.run_records import RunRecord, records
from tasks.artifacts import ArtifactStore
from tasks.dead_letters.access import open_from, raw_reader
from tasks.dead_letters.backtest_page import BacktestReport, write_backtest
from tasks.dead_letters.backtests import BatchBacktest, Judged, compare_batches
from tasks.dead_letters.models import FileFacts
from tasks.dead_letters.pending import persist
from tasks.dead_letters.store import DeadLetterStore
from tasks.models import SourceRef
from tasks.settings import Settings, load_settings
from tasks.sources import SourceError
from tasks.validate.batch import validate_batch
from tasks.validate.checkpoint import load_checked_suite


class BacktestParameters(Place):
    """What is tried, on how much of the past, and how much may change."""

    model_config = ConfigDict(title="Backtest")

    suite: str | None = Field(default=None, title="Suite", description="A suite's file. Empty: today's.")
    contract: str | None = Field(default=None, title="Contract", description="A contract's file. Empty: today's.")
    batches: int = Field(default=5, ge=1, title="Batches", description="How many past batches, the newest first.")
    max_rejected: int | None = Field(
        default=None, ge=0, title="Most rows", description="More newly rejected rows than this is too many."
    )
    max_rejected_share: float | None = Field(
        default=None, ge=0, le=1, title="Highest share", description="Of all accepted rows."
    )


class Backtest(BaseModel):
    """What came of it."""

    model_config = ConfigDict(frozen=True)

    report: BacktestReport
    folder: Path
    is_past_limit: bool


def backtest(parameters: BacktestParameters, settings: Settings) -> Backtest:
    """Try a suite, a contract or both on past batches. Nothing of the past is changed.

    Args:
        parameters: what is tried.
        settings: the dataset, and where its results are.

    Raises:
        UsageError: suite or contract are wrong, or no past batch is kept.
        StoreUnavailableError: the dead-letter database does not answer.
    """
    dataset = settings.dataset
    demands = _demands(parameters, dataset)
    store = ArtifactStore(settings.results_dir / "store")
    past = list(_past_batches(store, dataset, parameters.batches))
    if not past:
        raise UsageError(f"no run of {dataset} has left its batch in {store.root}: run it once, then try again")
    left_out: list[str] = []
    found: list[BatchBacktest] = []
    with persist(lambda: open_from(settings.dead_letters)) as table:
        for record in past:
            try:
                found.append(_try(record, demands, table, settings, store))
            except (UsageError, SourceError) as error:
                left_out.append(f"run {record.run_id}: {error}")
    report = BacktestReport(
        dataset=dataset,
        suite=Path(parameters.suite).name if parameters.suite else "today's suite",
        contract=Path(parameters.contract).name if parameters.contract else None,
        batches=tuple(found),
        left_out=tuple(left_out),
    )
    is_past_limit, words = _held_to_limits(report, parameters)
    report = report.model_copy(update={"limit_words": words})
    folder = settings.results_dir / "backtests" / new_run_id()
    write_backtest(report, folder)
    return Backtest(report=report, folder=folder, is_past_limit=is_past_limit)


def _demands(parameters: BacktestParameters, dataset: str) -> Demands:
    contract = load_contract(dataset)
    if parameters.contract is not None:
        contract = load_yaml_model(Path(parameters.contract), Contract)
        if contract.dataset != dataset:
            raise UsageError(f"{parameters.contract}: dataset: says {contract.dataset!r}, not {dataset!r}")
    suite = read_suite(dataset, Path(parameters.suite) if parameters.suite else None)
    load_checked_suite(suite, contract, parameters.suite)
    return Demands(contract, suite)


def _past_batches(store: ArtifactStore, dataset: str, most: int) -> Iterator[RunRecord]:
    """The newest version of each batch, the newest batch first; the same files again are the same batch."""
    seen: set[frozenset[str]] = set()
    newest = sorted(records(store, dataset), key=lambda record: record.started_at, reverse=True)
    for record in newest:
        files = frozenset(file.source.digest for file in record.landed)
        if files not in seen and len(seen) < most:
            seen.add(files)
            yield record


def _try(
    record: RunRecord, demands: Demands, table: DeadLetterStore, settings: Settings, store: ArtifactStore
) -> BatchBacktest:
    reader = raw_reader(settings.dead_letters, table)
    released = released_candidates(table, reader, record.landed, *demands)
    landed = with_candidates(base_files(record, demands.contract, store), released, demands.contract, store)
    after = Judged(landed, validate_batch(landed, demands.contract, demands.suite_text, store))
    facts = {file.source.digest: FileFacts.of(file) for file in record.landed}

    def show(source: SourceRef, raw: bytes | None) -> str:
        return "(the whole file)" if raw is None else masked(raw, facts[source.digest], demands.contract)

    return compare_batches(record.run_id, Judged(record.landed, record.batch), after, store, show)


def _held_to_limits(report: BacktestReport, parameters: BacktestParameters) -> tuple[bool, str]:
    rows, share = parameters.max_rejected, parameters.max_rejected_share
    if rows is not None and report.rejected > rows:
        return True, f"That is past the limit of {rows:,} rows."
    if share is not None and report.rejected_share > share:
        return True, f"That is past the limit of {share:.3%}."
    return False, "" if rows is None and share is None else "That is within the limit."


def main(arguments: Sequence[str] | None = None) -> int:
    """Backtest as the command line says."""
    options = command_line().parse_args(arguments)
    set_up_logging()
    return ended(lambda: _backtest_as_asked(options))


def _backtest_as_asked(options: argparse.Namespace) -> int:
    settings = load_settings(options.config, {"dataset": options.dataset, "results_dir": options.results_dir})
    set_up_logging(settings.log_level, log_file=settings.log_file)
    asked = set(BacktestParameters.model_fields) - set(Place.model_fields)  # the place is in the settings by now
    done = backtest(BacktestParameters.model_validate({name: getattr(options, name) for name in asked}), settings)
    print("\n".join(in_words(done)))
    return STOPPED_OR_FAILED if done.is_past_limit else WENT_THROUGH


def in_words(done: Backtest) -> Iterator[str]:
    """What came of a backtest, for people."""
    report = done.report
    batches = "1 past batch" if len(report.batches) == 1 else f"{len(report.batches)} past batches"
    yield (
        f"{report.dataset}: over {batches} {report.rejected:,} accepted rows would be "
        f"rejected ({report.rejected_share:.3%}), {report.released:,} rejected ones released"
    )
    if report.limit_words:
        yield f"  {report.limit_words}"
    yield from (f"  left out: {why}" for why in report.left_out)
    yield f"  report: {done.folder / 'backtest.html'}"
    yield f"  for a pull request: {done.folder / 'backtest.md'}"


def command_line() -> argparse.ArgumentParser:
    """The options, and what they mean."""
    parser = argparse.ArgumentParser(
        prog="python -m flows.backtest", description="Try a changed suite or contract on past batches."
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings; default config/pipeline.yaml")
    parser.add_argument("--results-dir", metavar="DIR", help="where runs leave what they make")
    parser.add_argument("--dataset", metavar="NAME", help="a folder below expectations/")
    parser.add_argument("--suite", metavar="FILE", help="the changed suite; default: today's")
    parser.add_argument("--contract", metavar="FILE", help="the changed contract; default: today's")
    parser.add_argument("--batches", type=at_least(1), default=5, metavar="N", help="past batches; default 5")
    parser.add_argument("--max-rejected", type=at_least(0), metavar="N", help="exit 1 if more rows are newly rejected")
    parser.add_argument("--max-rejected-share", type=_share, metavar="SHARE", help="the same as a share, such as 0.001")
    return parser


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share from 0 to 1, such as 0.001")
    return share


if __name__ == "__main__":
    sys.exit(main())
