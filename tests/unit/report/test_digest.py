"""Dead letters counted and sampled for the report."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from expectations.contract import Contract
from tasks.dead_letters.letter import LETTER_SCHEMA
from tasks.models import Dialect, FileRows, LandedFile, SourceRef
from tasks.report.digest import digest_letters

CONTRACT = Contract.model_validate(
    {
        "dataset": "events",
        "columns": {
            "user_id": {"type": "integer", "personal": True, "aliases": ["user"]},
            "event_type": {"type": "string"},
            "value": {"type": "decimal"},
        },
    }
)
OPEN = Contract.model_validate({"dataset": "events", "columns": {"value": {"type": "decimal"}}})


def reason(code: str, column: str | None = None, status: str = "failed") -> dict[str, Any]:
    return {
        "code": code,
        "rule_id": None,
        "column": column,
        "severity": "critical",
        "status": status,
        "message": f"{code} happened",
    }


def letter(line: int, raw: str | bytes | None, *reasons: dict[str, Any], **fields: Any) -> dict[str, Any]:
    data = raw.encode() if isinstance(raw, str) else raw
    place = {"file": "in/a.csv", "file_digest": "d", "line": line, "last_line": line, "byte_offset": None}
    return {**place, "records": 1, "raw": data, "stage": "cast", "reasons": list(reasons), **fields}


def write(path: Path, *letters: dict[str, Any]) -> Path:
    pl.DataFrame(list(letters), schema=LETTER_SCHEMA).write_parquet(path)
    return path


def landed(uri: str = "in/a.csv", header: tuple[str, ...] = ("User", "event_type", "value", "mail")) -> LandedFile:
    source = SourceRef(uri=uri, digest="d", size_bytes=1)
    return LandedFile(
        source=source,
        file_format="csv",
        encoding="cp1252",
        dialect=Dialect(delimiter=";"),
        header=header,
        rows=FileRows(),
    )


def test_no_letters_at_all() -> None:
    assert digest_letters([], CONTRACT).letters == 0


def test_a_letter_counts_under_each_of_its_reasons_once(tmp_path: Path) -> None:
    first = write(
        tmp_path / "1.parquet",
        letter(2, "x", reason("cast_integer", "user_id"), reason("cast_integer", "value")),
        letter(3, "x", reason("cast_integer", "user_id"), reason("cast_decimal", "value")),
    )
    second = write(
        tmp_path / "2.parquet",
        letter(0, None, reason("wrong_schema"), records=40, stage="parse", file="in/b.csv"),
        letter(9, "x", reason("gate_in_set"), reason("gate_between", status="unknown"), stage="gate"),
    )
    digest = digest_letters([first, second], CONTRACT)
    assert (digest.letters, digest.records) == (4, 43)
    assert digest.by_stage == {"cast": 2, "gate": 1, "parse": 40}
    counted = {one.code: (one.letters, one.records, one.only, one.columns) for one in digest.by_reason}
    assert counted == {
        "wrong_schema": (1, 40, 1, {}),
        "cast_integer": (2, 2, 1, {"user_id": 2, "value": 1}),
        "cast_decimal": (1, 1, 0, {"value": 1}),
        "gate_in_set": (1, 1, 1, {}),
    }
    assert [(one.file, one.stage, one.records) for one in digest.by_file] == [
        ("in/a.csv", "cast", 2),
        ("in/a.csv", "gate", 1),
        ("in/b.csv", "parse", 40),
    ]


def test_samples_are_few_the_same_every_time_and_not_only_the_first(tmp_path: Path) -> None:
    path = write(tmp_path / "1.parquet", *(letter(line, "x", reason("bad_quote")) for line in range(1000)))
    lines = [one.line for one in digest_letters([path], OPEN, sample_per_reason=4).by_reason[0].samples]
    assert lines == [one.line for one in digest_letters([path], OPEN, sample_per_reason=4).by_reason[0].samples]
    assert len(lines) == 4
    assert max(lines) > 100


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("71;login;x9;a@b.c", "‹masked›;login;x9;‹masked›"),
        ('71;"lo;gin";x9;a', "‹masked›;lo;gin;x9;‹masked›"),
        ("71;caf\xe9;1;m".encode("cp1252"), "‹masked›;café;1;‹masked›"),
        ('{"user": 71, "value": "x", "mail": "a@b.c"}', '{"user": "‹masked›", "value": "x", "mail": "‹masked›"}'),
        ("71;login;x9", None),  # a field is missing: which one is not known
        ('71;"login;x9;m', None),
        ('{"user": 71', None),
        ("71;login\x00;1;m", "‹masked›;login␀;1;‹masked›"),
    ],
)
def test_personal_values_never_show(tmp_path: Path, raw: str | bytes, shown: str | None) -> None:
    path = write(tmp_path / "1.parquet", letter(2, raw, reason("cast_decimal", "value")))
    (sample,) = digest_letters([path], CONTRACT, files=[landed()]).by_reason[0].samples
    assert sample.shown == shown
    assert "71" not in (sample.shown or "") + sample.note
    assert sample.note


def test_a_line_of_an_unknown_file_is_hidden_with_its_length(tmp_path: Path) -> None:
    path = write(tmp_path / "1.parquet", letter(2, "71;login", reason("bad_quote")))
    (sample,) = digest_letters([path], CONTRACT).by_reason[0].samples
    assert (sample.shown, "8 bytes" in sample.note) == (None, True)


def test_without_personal_columns_the_raw_text_is_shown_legibly_and_cut(tmp_path: Path) -> None:
    path = write(tmp_path / "1.parquet", letter(2, "a\tb\u202ec" + "x" * 200_000, reason("bad_quote")))
    (sample,) = digest_letters([path], OPEN).by_reason[0].samples
    assert sample.shown is not None
    assert sample.shown.startswith("a␉b⟨U+202E⟩cxxx")
    assert len(sample.shown) < 400
    assert sample.note == "200,007 bytes in all"


def test_a_whole_file_has_no_raw_text(tmp_path: Path) -> None:
    path = write(tmp_path / "1.parquet", letter(0, None, reason("empty_file"), records=0, stage="parse"))
    digest = digest_letters([path], CONTRACT)
    assert (digest.letters, digest.records, digest.by_reason[0].samples[0].shown) == (1, 0, None)
