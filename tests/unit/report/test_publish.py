"""A run's folder: what is in it, and that hostile text in it is harmless."""

import csv
import io
import json
import re
from pathlib import Path

import polars as pl
import pytest

from tasks.artifacts import ArtifactStore
from tasks.models import Rows, RunSummary, ValidatedBatch, Verdict
from tasks.report.facts import DeadLetterDigest, RunFacts
from tasks.report.publish import publish_report
from tests.unit.report import made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    at = tmp_path_factory.mktemp("published")
    made.published(at)
    return at / "run"


def test_the_folder_holds_the_report_every_table_and_the_summary(folder: Path) -> None:
    summary = RunSummary.model_validate_json((folder / "summary.json").read_text())
    assert (folder / summary.report).stat().st_size < 1_000_000
    assert {"session_metrics", "daily_trend", "dead_letters_by_reason"} <= set(summary.tables)
    assert all((folder / path).is_file() for path in summary.tables.values())
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_the_page_says_the_balance_and_asks_no_host_for_anything(folder: Path) -> None:
    page = (folder / "report.html").read_text()
    assert "3,000 read = 2,700 accepted + 243 dead letters + 40 duplicates + 17 blank" in page
    assert "Passed with warnings" in page
    assert "<script" not in page
    outside = re.findall(r"""(?:src|href)\s*=\s*["']?([a-z]+:)?//""", page) + re.findall(r"url\(\s*[\"']?[a-z]+:", page)
    assert outside == []


def test_ids_are_unique(folder: Path) -> None:
    ids = re.findall(r'\bid="([^"]+)"', (folder / "report.html").read_text())
    assert len(ids) == len(set(ids))


def test_every_reference_inside_the_page_has_its_target(folder: Path) -> None:
    page = (folder / "report.html").read_text()
    ids = set(re.findall(r'\bid="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', page)) != set()
    assert {one or other for one, other in re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', page)} <= ids


def test_every_link_to_a_file_has_its_file(folder: Path) -> None:
    links = set(re.findall(r'href="([^"#:]+)"', (folder / "report.html").read_text()))
    assert {"summary.json", "tables/daily_trend.csv"} <= links
    assert [link for link in links if not (folder / link).exists()] == []


def test_equal_runs_give_equal_bytes(folder: Path, tmp_path: Path) -> None:
    made.published(tmp_path)
    for path in (path for path in folder.rglob("*") if path.is_file()):
        assert (tmp_path / "run" / path.relative_to(folder)).read_bytes() == path.read_bytes(), path.name


def publish(
    folder: Path, run: RunFacts, batch: ValidatedBatch | None = None, letters: DeadLetterDigest | None = None
) -> tuple[RunSummary, str]:
    store = ArtifactStore(folder / "store")
    digest = DeadLetterDigest() if letters is None else letters
    summary = publish_report(run, [made.landed()], batch, None, None, digest, made.EVENTS, store, folder / "run")
    return summary, (folder / "run" / "report.html").read_text()


def test_a_stopped_run_says_why_and_has_no_analysis(tmp_path: Path) -> None:
    batch = made.batch(verdict=Verdict.STOPPED)
    summary, page = publish(tmp_path, made.facts("stopped"), batch, made.digest())
    assert (summary.status, set(summary.tables)) == ("stopped", {"dead_letters_by_reason", "dead_letters_sample"})
    assert "Stopped by the gate" in page
    assert "the warning expectation on event_type is not met" in page
    assert 'id="time"' not in page


def test_a_run_that_failed_before_the_gate_shows_what_is_open(tmp_path: Path) -> None:
    run = made.facts("failed", failure="MemoryError", failed_stage="validate")
    summary, page = publish(tmp_path, run)
    assert summary.rows == Rows(read=3000, dead=52, blank=17)
    assert "The run ended in the stage validate: MemoryError." in page
    assert "2,931 landed but never judged" in page


def test_the_data_docs_are_copied_and_linked(tmp_path: Path) -> None:
    def write(path: Path) -> None:
        path.mkdir()
        (path / "index.html").write_text("docs")

    data_docs = ArtifactStore(tmp_path / "store").put("", write)
    _, page = publish(tmp_path, made.facts(), made.batch(data_docs=data_docs))
    assert (tmp_path / "run" / "data_docs" / "index.html").read_text() == "docs"
    assert 'href="data_docs/index.html"' in page


def test_publishing_again_replaces_what_is_there(tmp_path: Path) -> None:
    def write(path: Path) -> None:
        path.mkdir()
        (path / "index.html").write_text("docs")

    data_docs = ArtifactStore(tmp_path / "store").put("", write)
    for _ in range(2):
        publish(tmp_path, made.facts(), made.batch(data_docs=data_docs))
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == [
        "data_docs",
        "report.html",
        "report.md",
        "summary.json",
    ]


def test_no_personal_value_is_in_any_file(tmp_path: Path) -> None:
    columns = made.EVENTS.model_dump()["columns"]
    columns["event_type"]["personal"] = True
    columns["value"]["personal"] = True
    contract = made.EVENTS.model_validate({**made.EVENTS.model_dump(), "columns": columns})
    frame = made.events(400).with_columns(
        pl.concat_str(pl.lit("secret"), pl.col("event_type")).alias("event_type"),
        (pl.col("user_id") + 771_000_000).alias("user_id"),
    )
    made.published(tmp_path, frame, contract)
    written = [path for path in (tmp_path / "run").rglob("*") if path.is_file()]
    assert len(written) > 20
    leaking = [path.name for path in written if re.search(rb"secret|7710000", path.read_bytes())]
    assert leaking == []


HOSTILE = "<script>alert(1)</script>"
FORMULA = "=cmd|' /C calc'!A0"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    at = tmp_path_factory.mktemp("hostile")
    kinds = [
        HOSTILE,
        FORMULA,
        "\u202eevil\x07\x00",
        "x" * 10_000,
        'id="a" $\\frac{1}{2}$',
        "-5",
        "cafÃ©",
        "a\u0300" * 99,
    ]
    frame = made.events(400)
    named = pl.Series("event_type", [kinds[at % len(kinds)] for at in range(frame.height)])
    made.published(at, frame.with_columns(named))
    return at / "run"


def test_hostile_text_is_dead_and_legible_in_the_page(hostile: Path) -> None:
    page = (hostile / "report.html").read_text()
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", page) is None
    assert "⟨U+202E⟩evil␇␀" in page
    assert "x" * 200 not in page
    assert "(10,000 characters)" in page
    assert len(page) < 1_000_000


def test_a_spreadsheet_runs_no_cell(hostile: Path) -> None:
    cells = [
        cell
        for path in (hostile / "tables").glob("*.csv")
        for row in csv.reader(io.StringIO(path.read_text(), newline=""))
        for cell in row
    ]
    assert f"'{FORMULA}" in cells
    assert "'-5" in cells
    alive = [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell and not re.fullmatch(r"-?[0-9.e+-]+", cell)]
    assert alive == []


def test_every_table_is_there_as_parquet_with_its_types(folder: Path) -> None:
    summary = RunSummary.model_validate_json((folder / "summary.json").read_text())
    schema = pl.read_parquet_schema((folder / summary.tables["daily_trend"]).with_suffix(".parquet"))
    assert schema["day"] == pl.Date
    assert all((folder / path).with_suffix(".parquet").is_file() for path in summary.tables.values())


def test_the_markdown_says_the_same_and_holds_nothing_alive(tmp_path: Path) -> None:
    letters = made.digest()
    reasons = (letters.by_reason[0].model_copy(update={"code": HOSTILE}),)
    publish(tmp_path, made.facts(failure=None), made.batch(), letters.model_copy(update={"by_reason": reasons}))
    text = (tmp_path / "run" / "report.md").read_text()
    assert text.startswith("# Events: Passed with warnings\n")
    assert "3,000 read = 2,700 accepted \\+ 243 dead letters" in text
    assert re.search(r"(?<!\\)<script", text) is None
    assert "\\<script\\>alert\\(1\\)" in text


def test_a_team_can_lay_its_own_templates_over_ours(tmp_path: Path) -> None:
    own = tmp_path / "own" / "sections"
    own.mkdir(parents=True)
    (own / "verdict.html.j2").write_text("<h1>ACME & {{ page.title }}: {{ page.verdict.word }}</h1>")
    store = ArtifactStore(tmp_path / "store")
    publish_report(
        made.facts(), [made.landed()], made.batch(), None, None, made.digest(), made.EVENTS, store, tmp_path / "run",
        templates_dir=tmp_path / "own",
    )  # fmt: skip
    page = (tmp_path / "run" / "report.html").read_text()
    assert "<h1>ACME & Events: Passed with warnings</h1>" in page
    assert 'id="gate"' in page


def test_the_summary_is_json_a_program_can_read(folder: Path) -> None:
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["rows"] == {"read": 3000, "accepted": 2700, "dead": 243, "duplicate": 40, "blank": 17}
    assert summary["dead_by_reason"] == {"gate_in_set": 120, "cast_datetime": 30, "too_few_fields": 22}
