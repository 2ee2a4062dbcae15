"""Dead letters repaired, replayed and restated on generated damage, without a Prefect server.

That causes are named and that each repair gives the clean values is held by test_damage.py; here they go all the way.
"""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from expectations.errors import UsageError
from flows.replay import main as replay_main
from flows.replay_models import Outcome
from tasks.dead_letters.letter import LINE

from .replay_bench import Bench, clean_rows, summary_of, truth_of

# The order counts where more than one applies: a value in cents is a number like any other.
PARSE = ("join_fields:column=metadata", "decode_as:encoding=cp1252")
CAST = tuple(
    f"{name}:column=session_start{unit}; {name}:column=session_end{unit}"
    for name, unit in (("swap_day_month", ""), ("epoch", ",unit=s"), ("epoch", ",unit=ms"))
)
REPAIRS = {
    "parse": PARSE,
    "cast": (*CAST, "decimal_comma:column=value"),
    "gate": ("fix_mojibake", "scale:column=value,by=1/100"),
}
NOT_MENDED = ("header_repeated", "truncated_last_line", "new_category")


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    bench = Bench(tmp_path_factory.mktemp("damaged"))
    bench.generate("comma.csv", "damage=0.008", rows=800, seed=4711)
    bench.generate("semicolon.csv", "damage=0.008", "--delimiter", ";", rows=800, seed=815)
    bench.run()
    return bench


@pytest.fixture(scope="module")
def replayed(damaged: Bench) -> dict[str, Outcome]:
    """What came of a replay of each stage's letters, one after the other."""
    return {stage: damaged.replay(stage=stage, repair=repairs) for stage, repairs in REPAIRS.items()}


def test_a_dry_run_tells_and_changes_nothing(damaged: Bench) -> None:
    before, runs = damaged.letters(), damaged.run_ids()
    outcome = damaged.replay(stage="parse", repair=PARSE, dry_run=True)
    planted = sum(
        len(truth_of(path)[kind]["lines"]) for path in damaged.files for kind in ("shifted_columns", "other_encoding")
    )
    assert (outcome.released, outcome.not_tried) == (planted, {"none of the repairs applies": 2})
    assert all(example.is_released for example in outcome.examples)
    assert {example.before == example.after for example in outcome.examples} == {False}
    assert (damaged.letters(), damaged.run_ids()) == (before, runs)


def test_damage_is_released_with_the_clean_values_and_only_that(damaged: Bench, replayed: dict[str, Outcome]) -> None:
    accepted = damaged.accepted(newest(damaged))
    mended = 0
    for path in damaged.files:
        for kind, planted in truth_of(path).items():
            if kind not in NOT_MENDED:
                clean = clean_rows(planted)
                rows = accepted.filter(pl.col("file") == path.name).select(clean.columns)
                assert clean.join(rows, on=clean.columns, how="anti", nulls_equal=True).is_empty(), kind
                mended += clean.height
    assert sum(outcome.released for outcome in replayed.values()) == mended


def newest(bench: Bench) -> str:
    first = bench.run_ids()[0]
    versions = [run_id for run_id in bench.run_ids() if run_id.startswith(first)]
    return max(versions, key=lambda run_id: int(run_id.rpartition("-v")[2]) if "-v" in run_id else 1)


def test_the_balance_closes_over_the_run_and_its_restatements(damaged: Bench, replayed: dict[str, Outcome]) -> None:
    first = damaged.run_ids()[0]
    assert [outcome.restated for outcome in replayed.values()] == [(f"{first}-v{number}",) for number in (2, 3, 4)]
    accepted, dead = (summary_of(damaged, first)["rows"][name] for name in ("accepted", "dead"))
    for outcome in replayed.values():
        rows = summary_of(damaged, outcome.restated[0])["rows"]
        accepted, dead = accepted + outcome.released, dead - outcome.released
        assert rows == {"read": 1_600, "accepted": accepted, "dead": dead, "duplicate": 0, "blank": 0}
    statuses = dict(damaged.ask("SELECT status, count(*) FROM dead_letters GROUP BY status"))
    assert statuses == {"open": dead, "replayed": sum(outcome.released for outcome in replayed.values())}


def test_a_restatement_shows_what_moved_and_why(damaged: Bench, replayed: dict[str, Outcome]) -> None:
    first = damaged.run_ids()[0]
    found = json.loads((damaged.results / f"{first}-v2" / "differences.json").read_text())
    released = set(found["released"])
    assert len(released) == replayed["parse"].released
    tables = {table["name"]: table for table in found["tables"]}
    users = tables["by user_id"]["rows"]
    assert sum(len(row["letters"]) + row["more_letters"] for row in users) == len(released)
    assert {id_ for row in users for id_ in row["letters"]} <= released
    assert sum(int(cell["by"]) for row in users for cell in row["cells"] if cell["column"] == "rows") == len(released)
    assert {id_ for row in tables["daily_trend"]["rows"] for id_ in row["letters"]} <= released
    page = (damaged.results / f"{first}-v2" / "differences.html").read_text()
    people = {
        record[0] for path in damaged.files for kind in truth_of(path).values() for record in kind.get("clean", [])
    }
    assert not any(f">{person}<" in page or f'"{person}"' in json.dumps(found) for person in people)
    assert f'href="../{first}/report.html"' in page
    assert (damaged.results / first / "report.html").is_file()


def test_a_later_run_takes_the_released_rows_and_adds_no_letter(damaged: Bench, replayed: dict[str, Outcome]) -> None:
    letters, last = damaged.letters(), newest(damaged)
    later = damaged.run()
    assert damaged.letters() == letters
    assert summary_of(damaged, later)["rows"] == summary_of(damaged, last)["rows"]
    assert damaged.accepted(later).sort("file", LINE).equals(damaged.accepted(last).sort("file", LINE))


def test_what_fails_again_stays_and_is_counted(damaged: Bench, replayed: dict[str, Outcome]) -> None:
    ((id_, attempts), *_) = damaged.ask("SELECT id, attempts FROM dead_letters WHERE status = 'open' ORDER BY id")
    outcome = damaged.replay(id=[id_])
    assert (outcome.chosen, outcome.released, outcome.restated) == (1, 0, ())
    assert sum(outcome.refused.values()) >= 1
    assert damaged.ask(f"SELECT status, attempts FROM dead_letters WHERE id = '{id_}'") == [("open", attempts + 1)]


def test_records_of_lines_in_quotes_as_a_whole_are_replayed(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    path = bench.generate("a.csv", "decimal_comma=0.05", rows=200)
    lines = ['"' + line.replace('"', '""') + '"' for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    first = bench.run()
    outcome = bench.replay(stage="cast", repair=["decimal_comma:column=value"])
    assert outcome.released == outcome.chosen == 10
    (planted,) = truth_of(path).values()
    clean = clean_rows(planted)
    rows = bench.accepted(f"{first}-v2").select(clean.columns)
    assert clean.join(rows, on=clean.columns, how="anti", nulls_equal=True).is_empty()


def test_json_records_are_replayed(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    dirt = "decimal_comma=0.05 epoch_seconds=0.05"
    paths = [bench.generate(name, dirt, rows=200, seed=seed) for seed, name in enumerate(("a.ndjson", "b.json"))]
    first = bench.run("*.ndjson", "*.json")
    outcome = bench.replay(stage="cast", repair=[CAST[1], "decimal_comma:column=value"])
    assert outcome.released == outcome.chosen == 40
    accepted = bench.accepted(f"{first}-v2")
    for path in paths:
        for planted in truth_of(path).values():
            clean = clean_rows(planted)
            rows = accepted.filter(pl.col("file") == path.name).select(clean.columns)
            assert clean.join(rows, on=clean.columns, how="anti", nulls_equal=True).is_empty()


def test_a_row_of_an_accepted_rows_key_stays_dead_and_the_accepted_row_accepted(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    rows = [f"{number},2026-05-01 10:00:{number:02},2026-05-01 11:00:00,view,1.00,x" for number in range(1, 50)]
    conflict = "1,1777629601,2026-05-01 11:00:00,view,2.00,another"  # epoch of the first row's start
    equal = "2,1777629602,2026-05-01 11:00:00,view,1.00,x"
    header = "user_id,session_start,session_end,event_type,value,metadata"
    (bench.inputs / "a.csv").write_text("\n".join([header, *rows, conflict, equal]) + "\n")
    first = bench.run()
    outcome = bench.replay(repair=["epoch:column=session_start"])
    assert (outcome.chosen, outcome.released, outcome.refused) == (2, 1, {"key_not_unique": 1})
    rows_after = summary_of(bench, f"{first}-v2")["rows"]
    assert rows_after == {"read": 51, "accepted": 49, "dead": 1, "duplicate": 1, "blank": 0}


def test_letters_kept_by_reference_are_replayed_and_taken_by_later_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path)
    config = tmp_path / "pipeline.yaml"
    config.write_text("dead_letters: {raw: reference}\ninput: [in]\nresults_dir: out\n")
    monkeypatch.setattr("tasks.settings.DEFAULT_CONFIG", config)
    bench.generate("a.csv", "decimal_comma=0.05", rows=200)
    first = bench.run()
    assert bench.ask("SELECT count(*) FROM dead_letters WHERE raw IS NOT NULL") == [(0,)]
    outcome = bench.replay(repair=["decimal_comma:column=value"])
    assert (outcome.released, outcome.restated) == (10, (f"{first}-v2",))
    later = bench.run()
    assert summary_of(bench, later)["rows"]["accepted"] == 200


def test_wrong_calls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench(tmp_path)
    with pytest.raises(UsageError, match="there is no repair 'magic'"):
        bench.replay(repair=["magic"])
    bench.results.mkdir()
    results = ["--results-dir", str(bench.results)]
    assert replay_main([*results, "--dataset", "nowhere"]) == 2
    assert replay_main([*results, "--older-than", "soon", "--dry-run"]) == 2
    errors = capsys.readouterr().err
    assert "there is no dataset 'nowhere'" in errors
    assert "'soon' is not an age" in errors
    (bench.results / "dead_letters.db").unlink()
    (bench.results / "dead_letters.db").write_bytes(b"no database" * 100)
    assert replay_main(results) == 3
    assert capsys.readouterr().err.count("\n") == 1
