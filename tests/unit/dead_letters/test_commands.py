"""The command line on a real table, beside the file the letters come from."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.dead_letters import command_line, main
from tasks.dead_letters.models import FileFacts
from tasks.dead_letters.store import open_store
from tasks.models import Dialect
from tasks.sources import fingerprint

from .conftest import Write, batch, letter, reason

HEADER = ("user_id", "session_start", "session_end", "event_type", "value", "metadata")
LINES = [
    ",".join(HEADER),
    "1001,2026-05-01 10:00:00,,click,1.00,fine",
    "1002,1780221600,,click,2.00,=cmd|' /C calc'!A0",
    "1003,2026-05-01 10:00:02,,click,3.00,fine",
    "1004,2026-05-01 10:00:03,,click,4.00,a, b",
    "1005,1780221700,,click,5.00,<script>alert(1)</script>",
]

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, write: Write, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command on a table with three letters of one file."""
    file = tmp_path / "in.csv"
    file.write_text("\n".join(LINES) + "\n")
    (source,) = fingerprint(str(file))
    bad_start = reason("cast_datetime", "session_start", "column 'session_start' is not a datetime")
    place = {"file": source.uri, "file_digest": source.digest}
    letters = [
        letter(3, LINES[2].encode(), stage="cast", reasons=[bad_start], **place),
        letter(5, LINES[4].encode(), reasons=[reason("too_many_fields")], **place),
        letter(6, LINES[5].encode(), stage="cast", reasons=[bad_start], **place),
    ]
    facts = FileFacts(
        file_digest=source.digest,
        file_format="csv",
        encoding="utf-8",
        dialect=Dialect(delimiter=","),
        header=HEADER,
        size_bytes=source.size_bytes,
        records=5,
    )
    with open_store(f"sqlite:///{tmp_path}/dead_letters.db") as store:
        store.add([write(*letters)], batch(files=(facts,)))

    def command(*arguments: str) -> tuple[int, str, str]:
        code = main(["--results-dir", str(tmp_path), *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command


def only_id(run: Run, *filters: str) -> str:
    (found,) = json.loads(run("list", "--format", "json", *filters)[1])
    return str(found["id"])


def test_list(run: Run) -> None:
    code, out, _ = run("list")
    assert code == 0
    assert [line.split()[4] for line in out.splitlines()] == ["line", "3", "5", "6"]
    assert "cast_datetime(session_start)" in out
    assert "1002" not in out
    _, out, _ = run("list", "--limit", "1")
    assert out.splitlines()[-1] == "1 of 3; --limit shows more"
    _, out, _ = run("list", "--reason", "too_many_fields", "--format", "csv")
    (row,) = csv.DictReader(out.splitlines())
    assert (row["line"], row["reasons"]) == ("5", "too_many_fields")
    assert run("list", "--reason", "nothing")[1] == "none\n"
    assert run("list", "--older-than", "1h", "--status", "any")[1].count("\n") == 4
    assert run("list", "--newer-than", "1h")[1] == "none\n"


def test_show_masks_and_reveals(run: Run) -> None:
    id_ = only_id(run, "--file", "in.csv", "--limit", "1", "--stage", "parse")
    _, out, _ = run("show", id_)
    assert "personal values cannot be told apart" in out
    assert "1004" not in out
    assert "1003" not in out  # a neighbour's personal values are masked as well
    assert "2026-05-01 10:00:02" in out
    assert "too_many_fields: has too few fields [critical]" in out
    _, out, _ = run("show", id_, "--reveal")
    assert "1004,2026-05-01 10:00:03,,click,4.00,a, b" in out
    _, out, _ = run("changes", "--format", "json")
    (change,) = json.loads(out)
    assert change["action"] == "reveal"
    assert id_ in change["note"]


def test_explain(run: Run) -> None:
    _, out, _ = run("explain", "--format", "json")
    found = {one["cause"]: one for one in json.loads(out)}
    assert set(found) == {"epoch_seconds", "unquoted_delimiter"}
    assert found["epoch_seconds"]["repair"] == "epoch:column=session_start,unit=s"
    _, out, _ = run("explain")
    assert "--repair 'join_torn_text' --dry-run" in out
    assert "1002" not in out


def test_export_is_masked_and_safe_in_a_spreadsheet(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    assert run("export", "--to", str(target), "--stage", "cast")[1] == f"2 dead letters in {target}\n"
    with target.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"].split(",")[0] for row in rows] == ["‹masked›", "‹masked›"]
    assert json.loads(rows[0]["reasons"])[0]["code"] == "cast_datetime"
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    run("export", "--to", str(tmp_path / "out.ndjson"), "--reveal", "--stage", "cast")
    first = json.loads((tmp_path / "out.ndjson").read_text().splitlines()[0])
    assert first["text"] in LINES
    assert "note" not in first


def test_discard_and_reopen(run: Run) -> None:
    assert run("discard", "--reason", "too_many_fields", "--because", "test data")[1] == "1 dead letters discarded\n"
    assert run("list", "--status", "discarded")[1].count("\n") == 2
    assert run("stats")[1].splitlines()[0] == "open 2  replayed 0  discarded 1"
    assert run("reopen", "--all", "--because", "no")[1] == "1 dead letters open again\n"
    stats = json.loads(run("stats", "--format", "json")[1])
    assert stats["by_status"] == {"open": 3, "replayed": 0, "discarded": 0}
    assert run("purge", "--days", "1")[1] == "0 dead letters deleted\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "abcdef"], "there is no dead letter 'abcdef'"),
        (["show", "xyz"], "'xyz' is not an id"),
        (["list", "--older-than", "soon"], "'soon' is not an age"),
        (["discard", "--because", "x"], "choose some, or say --all"),
        (["export", "--to", "x.xlsx"], "the name must end in .csv or .ndjson"),
        (["export", "--to", "/nowhere/x.csv"], "/nowhere/x.csv: cannot be written: No such file"),
        (["purge"], "say --days N"),
    ],
)
def test_wrong_calls_say_so_in_one_line(run: Run, arguments: list[str], message: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_a_database_that_is_away_is_one_line_and_exit_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "dead_letters.db").write_bytes(b"this is no database" * 100)
    assert main(["--results-dir", str(tmp_path), "stats"]) == 3
    err = capsys.readouterr().err
    assert err == "sluice: the dead-letter database cannot be used: file is not a database\n"


def test_a_key_can_be_made(run: Run) -> None:
    assert len(run("key")[1].strip()) == 44


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    commands = command_line().format_help()
    for name in ("list", "show", "explain", "export", "discard", "reopen", "stats", "changes", "purge", "key"):
        assert f"    {name} " in commands
        with pytest.raises(SystemExit):
            main([name, "--help"])
    assert "usage:" in capsys.readouterr().out


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--results-dir", str(tmp_path / "misspelt"), "stats"])
    assert ended.value.code == 2
    assert "misspelt'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
