"""Files that are written to, or taken away, after they landed and before the gate needs them again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from flows.pipeline import run_pipeline
from flows.plain_stages import PlainStages
from flows.progress import Progress
from flows.run import open_run
from tasks.models import LandedFile, SourceRef

HEADER = "user_id,session_start,event_type,value\n"


def _rows(first: int, event: str) -> str:
    return HEADER + "".join(f"{number},2026-09-01 08:00:00,{event},1.00\n" for number in range(first, first + 50))


def test_a_file_that_is_lost_before_the_gate_is_one_dead_letter_and_the_others_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    refused = "7,2026-09-01 08:00:00,no such event,1.00\n"
    for place, name in enumerate(("good", "changed", "gone")):
        (folder / f"{name}.csv").write_text(_rows(1000 * (place + 1), "view") + refused.replace("7", str(place + 7)))
    (folder / "changed_and_not_needed.csv").write_text(_rows(9000, "view"))

    class Losing(PlainStages):
        def ingest(self, sources: Sequence[SourceRef]) -> list[LandedFile]:
            landed = super().ingest(sources)
            for name in ("changed", "changed_and_not_needed"):
                with (folder / f"{name}.csv").open("a") as file:
                    file.write("1,2026-09-02 08:00:00,view,1.00\n")
            (folder / "gone.csv").unlink()
            return landed

    run = open_run(None, {"input": [str(folder)], "results_dir": str(tmp_path / "out")}, is_forced=True)
    with Progress() as progress:
        summary, _ = run_pipeline(run, Losing(run, progress), progress)

    rows = {Path(file.uri).stem: (file.rows.accepted, file.rows.dead) for file in summary.files}
    whole = {"changed": (0, 51), "gone": (0, 51)}
    assert rows == {"good": (50, 1), "changed_and_not_needed": (50, 0)} | whole
    found = {Path(file.uri).stem: {finding.code for finding in file.findings} for file in summary.files}
    assert "changed_while_read" in found["changed"]
    assert "unreadable" in found["gone"]
    assert (summary.rows.read, summary.rows.accepted, summary.rows.dead) == (203, 100, 103)
    dead = pl.concat([pl.read_parquet(path) for path in run.store.root.rglob("*.parquet") if _is_letters(path)])
    assert set(dead.filter(pl.col("line") == 0)["records"]) == {51}


def _is_letters(path: Path) -> bool:
    return "reasons" in pl.read_parquet_schema(path)
