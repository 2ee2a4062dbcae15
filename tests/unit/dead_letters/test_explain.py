"""Which reading of a line with too many fields its neighbours speak for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tasks.dead_letters.causes.specimen import Setting, lay_open
from tasks.dead_letters.explain import Explanation, Sampled, explain
from tasks.dead_letters.models import Reason, Status, StoredLetter
from tasks.models import Stage

from .test_torn_text import CONTRACT, FORM

SEEN = datetime(2026, 11, 1, tzinfo=UTC)


def stored(line: int) -> StoredLetter:
    return StoredLetter(
        id=f"{line:064x}",
        dataset="orders",
        file="a.csv",
        file_digest="d",
        line=line,
        last_line=line,
        byte_offset=None,
        records=1,
        raw=None,
        raw_form="plain",
        stage=Stage.PARSE,
        reasons=(Reason(code="too_many_fields"),),
        contract_digest="c",
        suite_digest=None,
        first_run="r",
        first_seen_at=SEEN,
        last_run="r",
        last_seen_at=SEEN,
        attempts=0,
        status=Status.OPEN,
        changed_by=None,
        changed_at=None,
    )


def explained(*texts: str) -> list[Explanation]:
    setting = Setting(CONTRACT, FORM)
    specimens = [(lay_open(stored(number), text.encode(), FORM), setting) for number, text in enumerate(texts, 2)]
    return list(explain([Sampled(len(texts), specimens)]))


def test_one_reading_is_named_with_the_repair_that_leaves_others_alone() -> None:
    (found,) = explained("7,Smith, John,gift,1.00,Bonn", "8,Mayer, Ann,none,2.00,Köln")
    assert (found.cause, found.column, found.repair) == ("unquoted_delimiter", "name", "join_torn_text")


def test_two_columns_that_may_have_held_the_text_are_not_chosen_between() -> None:
    (found,) = explained(*(f"{number},Smith,John {number},gift,1.00,Bonn" for number in range(9)))
    assert (found.cause, found.repair, found.letters) == ("ambiguous_fields", None, 9)
    assert found.choices == (
        "join_torn_text; join_fields:column=name",
        "join_torn_text; join_fields:column=note",
    )


@pytest.mark.parametrize(
    ("surplus", "letters", "cause"),
    [
        ("web", 9, "extra_fields"),  # the same behind every line
        ("text {}", 9, "unquoted_delimiter"),  # another text each time, and one column that can have held it
        ("web", 2, "ambiguous_fields"),  # too few to tell
    ],
)
def test_fields_behind_the_last_column_are_told_from_its_text_by_whether_they_repeat(
    surplus: str, letters: int, cause: str
) -> None:
    (found,) = explained(*(f"{number},Smith,gift,1.00,Bonn,{surplus.format(number)}" for number in range(letters)))
    assert (found.cause, found.letters) == (cause, letters)
