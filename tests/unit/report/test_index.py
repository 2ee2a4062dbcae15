"""The page over all runs."""

from pathlib import Path

from tasks.report.index import write_index
from tests.unit.history.test_compare import run


def report_of(folder: Path, run_id: str) -> None:
    (folder / run_id).mkdir()
    (folder / run_id / "report.html").write_text("report")


def test_runs_are_listed_with_links_the_latest_first(tmp_path: Path) -> None:
    for run_id in ("r1", "r2", "r4"):
        report_of(tmp_path, run_id)
    runs = [run(4, dataset="flights"), run(3), run(2, status="stopped"), run(1)]
    page = write_index(runs, tmp_path).read_text()
    links = [line.split('"')[1] for line in page.split("<a href=")[1:]]
    assert [link for link in links if link not in ("", "data:,")][-3:] == [
        "r4/report.html",
        "r2/report.html",
        "r1/report.html",
    ]
    assert "r3" not in page
    assert "Stopped by the gate" in page


def test_no_runs(tmp_path: Path) -> None:
    assert "No run has left a report here yet." in write_index([], tmp_path).read_text()
