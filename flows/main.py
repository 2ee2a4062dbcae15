"""The main job from the command line: `python -m flows.main`.

Exit codes: 0 the batch went through; 1 the gate stopped it, or the run failed; 2 the call, config, contract or suite is
wrong; 3 the dead-letter database is away, and the dead letters wait on disk for the next run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from pathlib import Path

from expectations.errors import UsageError
from flows.finish import STOPPED_OR_FAILED, WENT_THROUGH, WRONG_USAGE, exit_code, read_summary, say, say_ended
from flows.garbage import leave_the_rest
from flows.logs import set_up_logging
from flows.one_at_a_time import IfBusy, RunInTheWayError
from flows.parameters import RunParameters
from flows.run import Run, log_as, open_run
from tasks.models import ALL_ENGINES
from tasks.safe_errors import describe
from tasks.sources import hash_ahead

_INTERRUPTED = 130  # as a shell says it: 128 + SIGINT


def main(arguments: Sequence[str] | None = None) -> int:
    """Run once, or serve a schedule, as the command line says."""
    options = command_line().parse_args(arguments)
    set_up_logging(to_stdout=True)
    try:
        if options.schedule is not None:
            return _serve(options)
        return _run_plain(options) if options.no_server else _run_with_prefect(options)
    except UsageError as error:
        print(f"sluice: {error}", file=sys.stderr)
        return WRONG_USAGE
    except ConnectionError as error:  # of a server that holds inputs: before there is a run
        print(f"sluice: {error}", file=sys.stderr)
        return STOPPED_OR_FAILED
    except KeyboardInterrupt:
        return _INTERRUPTED


def command_line() -> argparse.ArgumentParser:
    """The options, and what they mean."""
    parser = argparse.ArgumentParser(prog="python -m flows.main", description="Ingest, validate, analyze, report.")
    _add_what(parser)
    _add_how(parser)
    _add_when(parser)
    return parser


def _add_what(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings; default config/pipeline.yaml")
    parser.add_argument("--dataset", metavar="NAME", help="a folder below expectations/")
    parser.add_argument("--input", nargs="+", metavar="PATH_OR_GLOB", help="files, folders, globs or URLs")
    parser.add_argument("--results-dir", metavar="DIR", help="where the run's folder is made")


def _add_how(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--engine", choices=ALL_ENGINES, help="what the analysis runs on, with the same numbers")
    parser.add_argument("--no-server", action="store_true", help="the same stages without a Prefect engine")
    parser.add_argument("--force", action="store_true", help="analyse the batch even if the gate stops it")
    parser.add_argument(
        "--if-busy",
        type=IfBusy,
        choices=list(IfBusy),
        help="while another run of the dataset goes on: wait for its end (the default), or skip this run (the default "
        "of --schedule)",
    )


def _add_when(parser: argparse.ArgumentParser) -> None:
    when = parser.add_mutually_exclusive_group()
    when.add_argument("--profile", action="store_true", help="run now; leave a flame graph of it in its folder")
    when.add_argument("--run-once", action="store_true", help="run now and stop (the default)")
    when.add_argument("--schedule", metavar="WHEN", help="such as 'every 6 hours'; runs until it is stopped")


def _overrides(options: argparse.Namespace) -> dict[str, object]:
    names = ("dataset", "input", "results_dir", "engine")
    return {name: getattr(options, name) for name in names}


def _profiled(run: Run, options: argparse.Namespace) -> AbstractContextManager[None]:
    if not options.profile:
        return nullcontext()
    from flows.profiling import profiled  # noqa: PLC0415  (few runs are profiled)

    return profiled(run)


def _run_plain(options: argparse.Namespace) -> int:
    run = open_run(options.config, _overrides(options), is_forced=options.force)
    hash_ahead(run.uris, run.store)
    from flows.plain_stages import run_plainly  # noqa: PLC0415  (heavy; a wrong call should not wait for it)

    log_as(run)
    if_busy = options.if_busy or IfBusy.WAIT
    try:
        with _profiled(run, options):
            summary, why_letters_wait = run_plainly(run, if_busy)
    except UsageError:
        raise
    except RunInTheWayError as error:
        return _in_the_way(str(error), if_busy)
    except Exception as error:  # noqa: BLE001  (its report is written; here it becomes an exit code)
        return _failed(error, run)
    say_ended(summary, run, why_letters_wait)
    return exit_code(summary, why_letters_wait)


def _in_the_way(why: str, if_busy: IfBusy) -> int:
    say(f"sluice: not run: {why}")
    return WENT_THROUGH if if_busy == IfBusy.SKIP else STOPPED_OR_FAILED


def _failed(error: Exception, run: Run) -> int:
    print(f"sluice: the run failed: {describe(error)}", file=sys.stderr)
    if run.folder.is_dir():
        print(f"sluice: what is known is in {run.folder}", file=sys.stderr)
    return STOPPED_OR_FAILED


def _without_server(error: Exception, run: Run) -> int:
    print(f"sluice: the Prefect server cannot be used: {describe(error)}", file=sys.stderr)
    if (run.folder / "summary.json").is_file():
        print("sluice: it went away during the run, which ended without it:", file=sys.stderr)
        summary = read_summary(run.folder)
        say_ended(summary, run, None)
        return exit_code(summary, None)
    print("sluice: no batch went through; --no-server does the same work without one", file=sys.stderr)
    return STOPPED_OR_FAILED


def _run_with_prefect(options: argparse.Namespace) -> int:
    """Run the flow on the configured Prefect server, or on one that lives as long as the run."""
    from flows import prefect_environment  # noqa: F401, PLC0415  (before Prefect is imported)
    from flows.temporary_server import coming_up  # noqa: PLC0415

    run = open_run(options.config, _overrides(options), is_forced=options.force)
    hash_ahead(run.uris, run.store)
    with coming_up():
        from flows.flow import sluice  # noqa: PLC0415
        from tasks.validate.checkpoint import load_checked_suite  # noqa: PLC0415

        load_checked_suite(run.suite_text, run.contract)  # which imports Great Expectations
        for needed_soon in ("prefect.flow_engine", "prefect.task_engine", "matplotlib.backends.backend_svg"):
            import_module(needed_soon)
    log_as(run)
    parameters = _parameters(options, run.run_id)
    try:
        with _profiled(run, options):
            state = sluice(parameters, return_state=True)
    except Exception as error:  # noqa: BLE001  (what a run raises is in its state; this is about the server)
        return _without_server(error, run)
    if state.is_cancelled():
        return _in_the_way(str(state.message), parameters.if_busy)
    if not (run.folder / "summary.json").is_file():
        print(f"sluice: the run failed: {state.message}", file=sys.stderr)
        return STOPPED_OR_FAILED
    summary = read_summary(run.folder)
    has_gone_through = summary.status in ("passed", "warned")
    why_letters_wait = state.message if state.is_failed() and has_gone_through else None
    say_ended(summary, run, why_letters_wait)
    return exit_code(summary, why_letters_wait)


def _parameters(options: argparse.Namespace, run_id: str | None = None) -> RunParameters:
    config = None if options.config is None else str(options.config.absolute())
    if_busy = options.if_busy or (IfBusy.WAIT if options.schedule is None else IfBusy.SKIP)
    return RunParameters.model_validate(
        {**_overrides(options), "config": config, "run_id": run_id, "force": options.force, "if_busy": if_busy}
    )


def _serve(options: argparse.Namespace) -> int:
    """Serve the flow on a schedule from this process, until it is stopped."""
    from flows import prefect_environment  # noqa: F401, PLC0415  (before Prefect is imported)
    from flows.crash import tell_of_a_crash  # noqa: PLC0415
    from flows.flow import sluice  # noqa: PLC0415
    from flows.schedule import NEVER_TWO, parse_schedule  # noqa: PLC0415

    run = open_run(options.config, _overrides(options), is_forced=options.force)
    schedule = parse_schedule(options.schedule, run.settings.time_zone)
    parameters = _parameters(options).model_dump(mode="json")
    # The hook is of the flow that is served, so it is this process that calls it, when one of its runs is killed.
    sluice.with_options(on_crashed=[tell_of_a_crash]).serve(
        name=f"{run.contract.dataset}-scheduled",
        schedules=[schedule],
        parameters={"parameters": parameters},
        global_limit=NEVER_TWO,
    )
    return WENT_THROUGH


if __name__ == "__main__":
    code = main()
    leave_the_rest()
    sys.exit(code)
