"""The generator: repeatable, unique keys, one content in every format, dirt only where the ground truth says so."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from benchmarks.dirt.damage import DAMAGE
from benchmarks.dirt.kind import Ending
from benchmarks.dirt.kinds import DIRT, KINDS
from benchmarks.dirt.plant import shares_for
from benchmarks.events import HEADER, EventPlan, clean_block
from benchmarks.formats import Style, style_of, text_line
from benchmarks.generate import main
from benchmarks.writing import generate

NAMES = ("events.csv", "events.csv.gz", "events.json", "events.ndjson", "events.parquet")
PLAN = EventPlan(rows=3_000, seed=7)
SHARES = {"all": 0.004}


def generated(folder: Path, name: str, plan: EventPlan = PLAN, dirt: dict[str, float] | None = None) -> bytes:
    path = folder / name
    generate(path, plan, style_of(path), dirt)
    return path.read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_same_bytes(tmp_path: Path, name: str) -> None:
    first = generated(tmp_path, name, dirt=SHARES)
    assert generated(tmp_path, name, dirt=SHARES) == first
    assert generated(tmp_path, name, EventPlan(rows=3_000, seed=8), SHARES) != first


def as_text(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Rows as the CSV file has them, whatever types and times a format gave them."""
    times = pl.col("session_start", "session_end").cast(pl.String).str.slice(0, 19).str.replace("T", " ")
    value = pl.col("value").cast(pl.Float64)
    return frame.with_columns(times, value, pl.col("user_id").cast(pl.Int64)).rows()


def test_every_format_holds_the_same_rows(tmp_path: Path) -> None:
    for name in NAMES:
        generated(tmp_path, name)
    rows = as_text(pl.read_csv(tmp_path / "events.csv", infer_schema=False))
    assert len(rows) == PLAN.rows
    assert as_text(pl.read_csv(tmp_path / "events.csv.gz", infer_schema=False)) == rows
    assert as_text(pl.read_ndjson(tmp_path / "events.ndjson")) == rows
    assert as_text(pl.read_parquet(tmp_path / "events.parquet")) == rows
    array = json.loads((tmp_path / "events.json").read_text(encoding="utf-8"))
    assert as_text(pl.DataFrame(array, infer_schema_length=None)) == rows


def test_keys_are_unique_within_and_across_blocks() -> None:
    crowded = EventPlan(rows=250_000, first_day=date(2026, 5, 1), end_day=date(2026, 5, 2))
    frame = pl.concat([clean_block(crowded, block) for block in range(crowded.blocks)])
    assert frame.height == crowded.rows
    assert frame.select("user_id", "session_start", "event_type").n_unique() == crowded.rows
    assert frame["session_start"].is_sorted()


def test_rows_have_a_rhythm_and_heavy_tails() -> None:
    frame = clean_block(EventPlan(rows=100_000), 0)
    start = frame["session_start"].str.to_datetime("%Y-%m-%d %H:%M:%S")
    by_hour = start.dt.hour().value_counts().sort("session_start")["count"]
    assert by_hour[20] > 5 * by_hour[3]
    by_user = frame["user_id"].value_counts(sort=True)["count"]
    assert by_user.head(by_user.len() // 10).sum() > frame.height / 3
    value = frame["value"].cast(pl.Float64).drop_nulls()
    assert value.quantile(0.99) > 10 * value.median()  # type: ignore[operator]  # not None: there are values


def test_lines_without_dirt_are_those_of_the_clean_file(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    one_liners = {kind.name: 0.003 for kind in DIRT if kind.fits(Style()) and kind.name != "multiline_text"}
    clean = generated(tmp_path, "events.csv").split(b"\n")
    truth = generate(path, PLAN, Style(), one_liners)
    dirty = path.read_bytes().split(b"\n")
    twins_sources = {line for kind in DIRT if kind.ends_both for line in truth.marks[kind.name].lines}
    spoiled = {line for marks in truth.marks.values() for line in marks.lines}
    changed = {line for line, (old, new) in enumerate(zip(clean, dirty, strict=True), start=1) if old != new}
    assert changed <= spoiled
    assert spoiled - changed <= twins_sources


def test_lines_are_counted_past_records_of_several_lines(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    truth = generate(path, PLAN, Style(), {"multiline_text": 0.01, "unknown_event": 0.01})
    found: dict[str, list[int]] = {"multiline_text": [], "unknown_event": []}
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, strict=True)
        known = {row[3] for row in csv.reader(generated(tmp_path, "clean.csv").decode().splitlines())}
        first_line = 1
        for row in reader:
            if "\n" in row[5]:
                found["multiline_text"].append(first_line)
            if row[3] not in known:
                found["unknown_event"].append(first_line)
            first_line = reader.line_num + 1
    assert found == {name: marks.lines for name, marks in truth.marks.items()}


def test_every_kind_is_planted_as_often_as_asked(tmp_path: Path) -> None:
    plan = EventPlan(rows=250_000)
    path = tmp_path / "events.csv"
    truth = generate(path, plan, Style(), {"all": 0.0001})
    assert {name: marks.planted for name, marks in truth.marks.items()} == dict.fromkeys(
        (kind.name for kind in DIRT if kind.fits(Style())), 25
    )
    balance = truth.balance()
    assert balance["read"] == plan.rows == sum(balance.values()) - plan.rows
    twice = sum(kind.ends_both for kind in DIRT)
    assert balance["dead"] == 25 * (twice + sum(kind.ending is Ending.DEAD and kind.fits(Style()) for kind in DIRT))


def test_damage_undone_by_its_clean_records_is_a_sound_file(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    truth = generate(path, PLAN, Style(), {"damage": 0.01})
    lines = path.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    assert set(truth.marks) == {kind.name for kind in DAMAGE}
    for name in set(truth.marks) - {"header_repeated"}:
        marks = truth.marks[name]
        for line, clean in zip(marks.lines, marks.clean, strict=True):
            assert (lines[line - 1] == text_line(clean, Style())) == (name == "new_category")
            lines[line - 1] = text_line(clean, Style())
    headers = truth.marks["header_repeated"].lines
    assert {lines[line - 1] for line in headers} == {",".join(HEADER)}
    sound = list(csv.reader((line for at, line in enumerate(lines, 1) if at not in headers), strict=True))
    frame = pl.DataFrame(sound[1:], schema=HEADER, orient="row")
    assert frame.height == PLAN.rows - len(headers)
    as_text(frame.with_columns(pl.col("value").replace("", None)))  # casts every value
    assert frame["session_start"].str.to_datetime("%Y-%m-%d %H:%M:%S").null_count() == 0


def test_command_line_writes_the_file_and_its_ground_truth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "events.csv"
    assert main(["--rows", "1000", "--out", str(path), "--dirt", "bad_date=0.01", "blank_line=0.005"]) == 0
    truth = json.loads((tmp_path / "events.csv.dirt.json").read_text(encoding="utf-8"))
    assert truth["balance"] == {"read": 1000, "accepted": 985, "dead": 10, "duplicate": 0, "blank": 5}
    assert truth["kinds"]["bad_date"]["code"] == "cast_datetime"
    lines = path.read_bytes().split(b"\n")
    assert all(not lines[line - 1].strip() for line in truth["kinds"]["blank_line"]["lines"])
    assert "1,000 records" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--out", "x.xlsx"], "x.xlsx: no format to write (known: csv"),
        (["--out", "x.csv", "--dirt", "mud=0.1"], "no kind of dirt is called 'mud'"),
        (["--out", "x.csv", "--dirt", "bad_date"], "--dirt wants KIND=SHARE"),
        (["--out", "x.parquet", "--dirt", "short_line=0.1"], "short_line: a utf-8 parquet file cannot hold"),
        (["--out", "x.csv", "--dirt", "all=0.1"], "use up at most 1 of the rows"),
        (["--rows", "0", "--out", "x.csv"], "must be 1 or more"),
        ([], "say where to: --out"),
    ],
)
def test_wrong_usage_is_told(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert message in capsys.readouterr().err


def test_all_leaves_out_what_a_style_cannot_hold() -> None:
    assert "invalid_encoding" not in shares_for(Style(encoding="cp1252"), {"all": 0.001})
    assert "invalid_encoding" in shares_for(Style(), {"all": 0.001})
    assert set(HEADER) >= {kind.column for kind in KINDS if kind.column}
