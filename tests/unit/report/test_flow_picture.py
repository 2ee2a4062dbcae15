"""The row balance as a picture."""

from hypothesis import given
from hypothesis import strategies as st

from tasks.models import Rows
from tasks.report.flow_picture import flow_picture

COUNTS = st.integers(0, 10**9)


@given(st.tuples(COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS))
def test_the_ends_add_up_to_what_was_read(counts: tuple[int, ...]) -> None:
    accepted, parse, cast, gate, duplicate, blank = counts
    rows = Rows(read=sum(counts), accepted=accepted, dead=parse + cast + gate, duplicate=duplicate, blank=blank)
    picture = flow_picture(rows, {"parse": parse, "cast": cast, "gate": gate})
    assert sum(end.records for end in picture.ends) == rows.read
    tops = [end.top for end in picture.ends]
    assert tops == sorted(tops)
    assert all(end.height >= 2 for end in picture.ends)
    assert picture.ends[-1].top + picture.ends[-1].height <= picture.height + 0.01


def test_what_was_never_judged_is_an_end_of_its_own() -> None:
    picture = flow_picture(Rows(read=100, dead=3), {"parse": 3})
    assert [(end.kind, end.records) for end in picture.ends] == [("accepted", 0), ("dead", 3), ("open", 97)]


def test_dead_letters_of_an_unknown_stage_are_not_lost() -> None:
    picture = flow_picture(Rows(read=10, accepted=5, dead=5), {"parse": 3})
    assert [(end.kind, end.records) for end in picture.ends] == [("accepted", 5), ("dead", 5)]


def test_nothing_read() -> None:
    assert [(end.kind, end.share) for end in flow_picture(Rows(), {}).ends] == [("accepted", 0.0)]
