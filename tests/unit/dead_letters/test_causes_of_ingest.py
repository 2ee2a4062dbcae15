"""Causes that ingest's own reasons tell at once."""

from __future__ import annotations

import pytest

from expectations.contract import Contract
from tasks.dead_letters.causes.catalog import CAUSES, diagnose
from tasks.dead_letters.causes.specimen import Setting, Specimen
from tasks.dead_letters.models import Reason, StoredLetter
from tasks.dead_letters.records import RecordForm
from tasks.models import Stage

CONTRACT = Contract.model_validate(
    {
        "dataset": "small",
        "columns": {
            "id": {"type": "integer"},
            "at": {"type": "datetime", "formats": ["%Y-%m-%d %H:%M"], "time_zone": "Europe/Berlin"},
        },
    }
)


@pytest.mark.parametrize(
    ("code", "column", "cause"),
    [
        ("ambiguous_datetime", "at", "clocks_changed"),
        ("unexpected_time_zone", "at", "zone_not_expected"),
        ("extra_column", "shop", "new_column"),
        ("renamed_column", "number", "column_under_an_alias"),
        ("missing_column", "id", "column_gone"),
        ("reordered_columns", None, "columns_reordered"),
    ],
)
def test_a_reason_that_says_the_cause(code: str, column: str | None, cause: str) -> None:
    reason = Reason(code=code, column=column, severity="critical", status="failed", message="")
    letter = StoredLetter.model_construct(stage=Stage.CAST, reasons=(reason,), line=2)
    specimen = Specimen(letter, "", (), {"at": "2024-10-27 02:30"})
    (found,) = diagnose(specimen, Setting(CONTRACT, RecordForm(file_format="csv", columns=("id", "at"))))
    assert (found.cause, found.column) == (cause, column)
    assert found.cause in CAUSES


@pytest.mark.parametrize(
    ("text", "causes"),
    [("26-03-11 10:00", {"other_date_format"}), ("2026-02-30 10:00", {"impossible_date"}), ("soon", {"text_in_date"})],
    ids=["a year of two digits", "no such day", "a word"],
)
def test_what_is_wrong_with_a_time(text: str, causes: set[str]) -> None:
    reason = Reason(code="cast_datetime", column="at", severity="critical", status="failed", message="")
    letter = StoredLetter.model_construct(stage=Stage.CAST, reasons=(reason,), line=2)
    specimen = Specimen(letter, "", (), {"at": text})
    found = diagnose(specimen, Setting(CONTRACT, RecordForm(file_format="csv", columns=("id", "at"))))
    assert {one.cause for one in found} == causes
