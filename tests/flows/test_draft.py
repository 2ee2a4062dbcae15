"""`python -m flows.inspect FILE --draft NAME`: a first contract and suite, under which every row of the file passes."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from expectations.contract import load_contract
from flows.inspect import main
from tasks.artifacts import ArtifactStore
from tasks.ingest.land import ingest_file
from tasks.models import Rows, Verdict
from tasks.sources import fingerprint
from tasks.validate.batch import validate_batch

ROWS = 20
LINES = [f"{row},{'ab'[row % 2]},2024-01-{row + 1:02d} 10:00:00,{row}.50,007" for row in range(ROWS)]
FILES = {
    "plain.csv": ["id,kind,at,price,code", *LINES],
    "semicolon.csv": ["id;kind;at;price;code", *(line.replace(",", ";") for line in LINES)],
    "no_header.csv": LINES,
    "one_name_twice.csv": ["id,kind,at,id,", *LINES],
    "two_header_rows.csv": ["of,,when,of it,", "id,kind,at,price,code", *LINES],
    "lines_in_header_rows.csv": ['of,"a\nb",when,of it,x', "id,kind,at,price,code", *LINES],
    "lines_in_a_header_with_doubles.csv": ['id,"a\nb",at,id,', *LINES],
    "framed.txt": ["List", "", "|id|kind|at|price|code|", "-" * 40, *(f"|{line.replace(',', '|')}|" for line in LINES)],
    "marked.md": ["| id | at |", "|---:|----|", *(f"| {row} | 2024-01-{row + 1:02d} |" for row in range(ROWS))],
    "odd_names.csv": ["null,a: b,#c,- d,'{e'", *LINES],
    "below_a_title.csv": ["Prices of January", "", "id,kind,at,price,code", *LINES],
    "x.ndjson": [json.dumps({"id": row, "more": {"a": [row]}, "at": f"2024-01-{row + 1:02d}"}) for row in range(ROWS)],
}


@pytest.fixture
def datasets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "expectations"
    folder.mkdir()
    monkeypatch.setattr("flows.inspect.DATASETS_DIR", folder)
    return folder


def gated(file: Path, datasets: Path) -> tuple[Verdict, Rows]:
    """The file as a batch of the dataset `drafted`."""
    store = ArtifactStore(file.parent / "store")
    (source,) = fingerprint(str(file))
    contract = load_contract("drafted", datasets)
    suite = (datasets / "drafted" / "suite.json").read_text(encoding="utf-8")
    batch = validate_batch([ingest_file(source, contract, store)], contract, suite, store)
    return batch.gate.verdict, batch.rows


@pytest.mark.parametrize("name", FILES)
def test_every_row_of_the_file_passes_what_was_drafted_from_it(name: str, tmp_path: Path, datasets: Path) -> None:
    file = tmp_path / name
    file.write_text("\n".join(FILES[name]) + "\n", encoding="utf-8")
    assert main([str(file), "--draft", "drafted"]) == 0
    assert gated(file, datasets) == (Verdict.PASSED, Rows(read=ROWS, accepted=ROWS))


def test_a_draft_fits_values_that_come_late_and_in_several_formats(tmp_path: Path, datasets: Path) -> None:
    early = [f"{row},2024-01-05" for row in range(12_000)]
    late = [f"{row}.25,31.12.2024" for row in range(12_000)]
    (tmp_path / "x.csv").write_text("\n".join(["price,day", *early, *late]) + "\n")
    assert main([str(tmp_path / "x.csv"), "--draft", "drafted"]) == 0
    columns = load_contract("drafted", datasets).columns
    assert columns["price"].scale == 2
    assert columns["day"].formats == ("%Y-%m-%d", "%d.%m.%Y")
    assert gated(tmp_path / "x.csv", datasets) == (Verdict.PASSED, Rows(read=24_000, accepted=24_000))


def test_columns_of_parquet_are_drafted_as_what_they_hold(tmp_path: Path, datasets: Path) -> None:
    whole = {"id": range(ROWS), "share": [row / 3 for row in range(ROWS)], "tags": [["a"]] * ROWS, "no": [None] * ROWS}
    days = {"day": [date(2024, 1, row + 1) for row in range(ROWS)]}
    pl.DataFrame(whole | days).write_parquet(tmp_path / "x.parquet")
    assert main([str(tmp_path / "x.parquet"), "--draft", "drafted"]) == 0
    types = {name: column.type.value for name, column in load_contract("drafted", datasets).columns.items()}
    assert types == {"id": "integer", "share": "float", "tags": "string", "no": "string", "day": "date"}
    assert gated(tmp_path / "x.parquet", datasets) == (Verdict.PASSED, Rows(read=ROWS, accepted=ROWS))


def test_a_draft_says_what_it_was_told_what_it_guessed_and_what_is_in_doubt(tmp_path: Path, datasets: Path) -> None:
    lines = [*(line.replace(",", "|") for line in LINES), "20|a|soon|1.00|008"]
    (tmp_path / "x.csv").write_text("\n".join(["id|kind|at|price|code", *lines]) + "\n", encoding="utf-8")
    assert main([str(tmp_path / "x.csv"), "--delimiter", "|", "--quote", "none", "--draft", "drafted"]) == 0
    text = (datasets / "drafted" / "contract.yaml").read_text(encoding="utf-8")
    assert "price: {type: decimal, scale: 2}\n" in text
    assert "# mostly datetime %Y-%m-%d %H:%M:%S (95.2%)\n" in text
    assert "# string, digits with leading zeros\n" in text
    contract = load_contract("drafted", datasets)
    assert contract.roles.columns() == {"start": "at", "category": "kind", "value": "price"}
    (pins,) = contract.sources
    assert (pins.delimiter, pins.quote, pins.header_rows) == ("|", "", None)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("taken", "is there already"),
        ("My-Orders", "no contract can be drafted for 'My-Orders'"),
        ("../out", "no contract can be drafted"),
    ],
)
def test_a_draft_that_cannot_be_is_refused_and_leaves_nothing(
    name: str, said: str, tmp_path: Path, datasets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (datasets / "taken").mkdir()
    (tmp_path / "x.csv").write_text("a,b\n1,2\n3,4\n")
    assert main([str(tmp_path / "x.csv"), "--draft", name]) == 2
    assert said in capsys.readouterr().err
    assert list(datasets.rglob("*")) == [datasets / "taken"]


def test_names_that_a_contract_could_not_tell_apart_are_refused(
    tmp_path: Path, datasets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.csv").write_text("a,A\n1,2\n3,4\n")
    assert main([str(tmp_path / "x.csv"), "--draft", "drafted"]) == 2
    assert "'a' and 'A' share one name" in capsys.readouterr().err
    assert list(datasets.iterdir()) == []
