from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.errors import UsageError
from tasks.ledger import Unit, parse_moment, plan_batches
from tasks.ledger.batches import moment_of
from tasks.models import SourceRef


def source(name: str, content: str | None = None) -> SourceRef:
    return SourceRef(uri=f"/in/{name}", digest=content or name, size_bytes=1)


def plan(
    *names: str, unit: Unit = Unit.DAY, since: str | None = None, until: str | None = None
) -> dict[str, list[str]]:
    batches = plan_batches([source(name) for name in names], unit, since, until).batches
    return {batch.key: [one.name for one in batch.sources] for batch in batches}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("events_2026-05-17.csv", "2026-05-17"),
        ("events_20260517.csv.gz", "2026-05-17"),
        ("2026_05_17T08-part1.json", "2026-05-17"),
        ("events_2026-05.csv", "2026-05"),
        ("events.2026.05.17.csv", "2026-05-17"),
        ("export_2026-05-17_of_2026-05-16.csv", "2026-05-16"),
        ("year=2026/month=05/data.csv", None),
        ("2026-02-30.csv", None),
        ("id_120260517.csv", None),
        ("events.csv", None),
    ],
)
def test_the_date_in_a_name(name: str, expected: str | None) -> None:
    assert moment_of(f"/in/{name}") == expected


def test_files_of_a_day_are_a_batch_and_days_come_in_order() -> None:
    assert plan("b_2026-05-02.csv", "a_2026-05-01.csv", "c_2026-05-01.csv") == {
        "2026-05-01": ["a_2026-05-01.csv", "c_2026-05-01.csv"],
        "2026-05-02": ["b_2026-05-02.csv"],
    }


def test_other_units() -> None:
    names = ("a_2026-05-01.csv", "b_2026-05-02.csv", "c_2026-06.csv", "d.csv")

    assert list(plan(*names, unit=Unit.MONTH)) == ["2026-05", "2026-06"]
    assert list(plan(*names, unit=Unit.FILE).values()) == [[name] for name in names]


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (None, None, ["2026-04-30", "2026-05", "2026-05-01", "2026-05-31", "2026-06-01"]),
        ("2026-05", "2026-05", ["2026-05", "2026-05-01", "2026-05-31"]),
        ("2026-05-02", None, ["2026-05", "2026-05-31", "2026-06-01"]),  # the month's file may hold that day
        (None, "2026-05-01", ["2026-04-30", "2026-05", "2026-05-01"]),
        ("2026-06", None, ["2026-06-01"]),
        ("2027", "2027", None),
    ],
)
def test_a_span_of_days_or_months(since: str | None, until: str | None, expected: list[str] | None) -> None:
    names = [f"x_{day}.csv" for day in ("2026-04-30", "2026-05-01", "2026-05-31", "2026-06-01", "2026-05")]
    if expected is None:
        with pytest.raises(UsageError, match="'2027' is no date; write a day as 2026-05-17 or a month as 2026-05"):
            plan(*names, since=since, until=until)
    else:
        assert list(plan(*names, since=since, until=until)) == expected


@pytest.mark.parametrize("text", ["2026-13", "2026-02-30", "yesterday", "26-05-01", "2026-5-1", ""])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no date"):
        parse_moment(text)


def test_a_content_is_taken_once_by_the_oldest_batch_that_has_it() -> None:
    made = plan_batches([source("a_2026-05-02.csv", "same"), source("b_2026-05-01.csv", "same"), source("c.csv")])

    assert [(batch.key, batch.sources[0].name) for batch in made.batches] == [("2026-05-01", "b_2026-05-01.csv")]
    assert [one.name for one in made.resent] == ["a_2026-05-02.csv"]
    assert [one.name for one in made.undated] == ["c.csv"]


def test_an_archive_is_read_once() -> None:
    (batch,) = plan_batches([source("a_2026-05.zip!x.csv"), source("a_2026-05.zip!y.csv")]).batches

    assert batch.uris == ("/in/a_2026-05.zip",)


def test_what_goes_into_a_run_is_its_contents_and_its_demands_whatever_the_names() -> None:
    one, renamed, changed = (
        plan_batches([source(name, content)]).batches[0]
        for name, content in [("a_2026-05.csv", "1"), ("b_2026-05.csv", "1"), ("a_2026-05.csv", "2")]
    )

    assert one.inputs_digest("contract", "suite") == renamed.inputs_digest("contract", "suite")
    assert one.inputs_digest("contract", "suite") != changed.inputs_digest("contract", "suite")
    assert one.inputs_digest("contract", "suite") != one.inputs_digest("contract", "other suite")


@given(
    st.lists(st.tuples(st.sampled_from(["2026-05-01", "2026-05", "2026-06-07", "x"]), st.integers(0, 5)), max_size=12),
    st.sampled_from(list(Unit)),
)
def test_every_file_is_in_one_batch_or_said_to_be_left_out(files: list[tuple[str, int]], unit: Unit) -> None:
    sources = [source(f"{number}_{day}.csv", str(content)) for number, (day, content) in enumerate(files)]

    made = plan_batches(sources, unit)

    placed = [one for batch in made.batches for one in batch.sources]
    assert sorted([*placed, *made.undated, *made.resent], key=lambda one: one.uri) == sorted(
        sources, key=lambda one: one.uri
    )
    assert len({one.digest for one in placed}) == len(placed)
