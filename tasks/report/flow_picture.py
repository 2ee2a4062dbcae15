"""Law 1 as a picture: what was read on the left, where each record went on the right, joined by bands to scale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tasks.models import Rows, Stage

_BAR, _GAP, _LEAST = (
    150.0,
    30.0,
    2.5,
)  # heights in CSS pixels: the bar that stands for all records, between ends, of an end
_STAGES = {
    Stage.PARSE: ("could not be parsed", "lines that are no record: too few or too many fields, a broken quote ..."),
    Stage.CAST: ("could not be typed", "records with a value that is not of its column's type"),
    Stage.GATE: ("rejected by the gate", "rows that break an expectation"),
}


class End(NamedTuple):
    """One place where records went, and the band that leads there."""

    kind: str  # accepted, dead, duplicate, blank or open: a colour and a pattern
    label: str
    how: str
    records: int
    share: float
    top: float
    height: float
    band: str  # the path's `d`, in a box 100 wide and `height` of the picture high

    @property
    def middle(self) -> float:
        """Where the label stands."""
        return self.top + self.height / 2


class FlowPicture(NamedTuple):
    """The whole picture; heights in CSS pixels."""

    read: int
    height: float
    bar_top: float
    bar_height: float
    ends: tuple[End, ...]


def flow_picture(rows: Rows, dead_by_stage: Mapping[str, int]) -> FlowPicture:
    """Lay out where the records of a run went.

    Args:
        rows: the run's balance. What is not accounted for, in a run that failed half-way, becomes an end of its own.
        dead_by_stage: records rejected at each stage.
    """
    places = [place for place in _places(rows, dead_by_stage) if place[3] or place[0] == "accepted"]
    heights = [max(_LEAST, _BAR * count / max(rows.read, 1)) for _, _, _, count in places]
    total = sum(heights) + _GAP * (len(places) - 1)
    left = (total - _BAR) / 2
    top, ends = 0.0, []
    for (kind, label, how, count), height in zip(places, heights, strict=True):
        share = count / rows.read if rows.read else 0.0
        band = _band(left, _BAR * share, top, height) if count else ""
        ends.append(End(kind, label, how, count, share, top, height, band))
        left += _BAR * share
        top += height + _GAP
    return FlowPicture(rows.read, total, (total - _BAR) / 2, _BAR, tuple(ends))


def _places(rows: Rows, dead_by_stage: Mapping[str, int]) -> list[tuple[str, str, str, int]]:
    dead = [("dead", *_STAGES[stage], dead_by_stage.get(stage, 0)) for stage in Stage]
    unstaged = rows.dead - sum(count for *_, count in dead)
    if unstaged:
        dead = [("dead", "dead letters", "records kept with the reason they were rejected for", rows.dead)]
    undecided = rows.read - rows.accepted - rows.dead - rows.duplicate - rows.blank
    return [
        ("accepted", "accepted", "rows that go into the analysis", rows.accepted),
        *dead,
        ("duplicate", "duplicates dropped", "rows equal in every column to an earlier one", rows.duplicate),
        ("blank", "blank lines", "lines without any value", rows.blank),
        ("open", "not judged", "landed, but the run ended before the gate", undecided),
    ]


def _band(left_top: float, left_height: float, right_top: float, right_height: float) -> str:
    """A band from the bar on the left (x 0) to an end on the right (x 100)."""
    left_end, right_end = left_top + left_height, right_top + right_height
    return (
        f"M0 {left_top:.2f}C50 {left_top:.2f} 50 {right_top:.2f} 100 {right_top:.2f}"
        f"V{right_end:.2f}C50 {right_end:.2f} 50 {left_end:.2f} 0 {left_end:.2f}Z"
    )
