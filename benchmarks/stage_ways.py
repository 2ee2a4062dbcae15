"""Single stages as processes of their own, for `python -m benchmarks analysis` and `report`.

A stage imports what it needs itself, so that none pays for another's modules.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, cast

import flows  # noqa: F401  (sets the process up as that of a run)
from expectations.contract import load_contract
from flows.garbage import leave_the_rest
from tasks.artifacts import ArtifactStore

if TYPE_CHECKING:
    from flows.run_records import RunRecord
    from tasks.models import EngineName, RunSummary


def land(csv: str, parquet: str) -> None:
    """Land a file of events, once for all engines."""
    from tasks.ingest.land import ingest_file  # noqa: PLC0415  (as said above; so are those below)
    from tasks.sources import fingerprint  # noqa: PLC0415

    with tempfile.TemporaryDirectory(dir=Path(parquet).parent) as folder:
        store = ArtifactStore(Path(folder))
        (source,) = fingerprint(csv)
        landed = ingest_file(source, load_contract("events"), store).landed
        assert landed is not None
        shutil.copyfile(store.path(landed), parquet)


def analyze(engine: EngineName, parquet: Path) -> None:
    """Every result table, on one engine."""
    from tasks.analyze.batch import analyze_batch  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        analyze_batch([parquet], load_contract("events"), engine, ArtifactStore(Path(folder)))


def imports(parquet: Path) -> None:
    """What every analysis imports, and the engine of most."""
    import tasks.analyze.batch  # noqa: F401, PLC0415
    from tasks.analyze.engines import open_engine  # noqa: PLC0415

    open_engine("polars", [parquet], load_contract("events")).close()


def loaded(results: Path) -> tuple[ArtifactStore, RunRecord, RunSummary]:
    """A finished run as the report stage finds it: the gate's imports made, the batch analysed just now."""
    import great_expectations as gx  # noqa: PLC0415

    from flows.finish import read_summary  # noqa: PLC0415
    from flows.run_records import records  # noqa: PLC0415
    from tasks.analyze.batch import analyze_batch  # noqa: PLC0415

    assert gx.__version__
    store = ArtifactStore(results / "store")
    (record,) = records(store, "events")
    accepted = [store.path(file.accepted) for file in record.batch.files if file.accepted is not None]
    analyze_batch(accepted, record.contract, record.engine, store)
    return store, record, read_summary(results / record.run_id)


def report(results: Path) -> None:
    """The report stage of a finished run once more: plots, tables, pages."""
    from tasks.report.digest import digest_letters  # noqa: PLC0415
    from tasks.report.facts import RunFacts  # noqa: PLC0415
    from tasks.report.figures import draw_figures  # noqa: PLC0415
    from tasks.report.publish import publish_report  # noqa: PLC0415

    store, record, summary = loaded(results)
    assert record.analysis is not None
    run = RunFacts(
        run_id=record.run_id,
        dataset=record.dataset,
        engine=record.engine,
        status=summary.status,
        started_at=summary.started_at,
        finished_at=summary.finished_at,
        stage_seconds=summary.stage_seconds,
        manifest=summary.manifest,
    )
    refs = [*(file.dead_letters for file in record.batch.files), record.batch.dead_letters]
    letters = [store.path(ref) for ref in refs if ref is not None]
    figures = draw_figures(record.analysis, record.contract, store)
    with tempfile.TemporaryDirectory() as folder:
        publish_report(
            run,
            record.landed,
            record.batch,
            record.analysis,
            figures,
            digest_letters(letters, record.contract, files=record.landed),
            record.contract,
            store,
            Path(folder) / "run",
        )


def main(way: str, path: Path) -> None:
    """Run one way."""
    if way == "imports":
        imports(path)
    elif way == "before the report":
        loaded(path)
    elif way == "report":
        report(path)
    else:
        analyze(cast("EngineName", way), path)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
    leave_the_rest()  # as flows/main.py does, whose stages these are
