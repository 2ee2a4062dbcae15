"""The ground truth: what was planted, on which lines, and how each of them must end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.dirt.kind import Ending, Family, Kind
from benchmarks.dirt.kinds import KIND_OF_NAME, KINDS
from benchmarks.formats import Record, Style


@dataclass
class Marks:
    """Where one kind was planted. Damage keeps the clean record of each line; other kinds keep none."""

    planted: int = 0
    lines: list[int] = field(default_factory=list)
    clean: list[Record] = field(default_factory=list)

    def document(self, kind: Kind) -> dict[str, Any]:
        """Them, for a JSON file; `clean` in the order of `lines`."""
        return {
            "means": kind.means,
            "planted": self.planted,
            "ends_as": kind.ending.value,
            "stage": kind.stage,
            "code": kind.code,
            "column": kind.column,
            "lines": sorted(self.lines),
        } | ({"clean": self.clean} if self.clean else {})


@dataclass
class GroundTruth:
    """How every record of a file must end."""

    style: Style
    read: int = 0
    lines: int = 0  # physical lines of the records so far
    marks: dict[str, Marks] = field(default_factory=dict)

    def add(self, kind: Kind, lines: Sequence[int], clean: Record | None = None) -> None:
        """Note one planting, with the first physical line of each record it spoils. Plantings come in their order."""
        marks = self.marks.setdefault(kind.name, Marks())
        marks.planted += 1
        marks.lines.extend(lines)
        if clean is not None and kind.family is Family.DAMAGE:
            marks.clean.append(clean)

    def add_repeated(self, records: int) -> None:
        """Note records at the beginning, a line each, that another file of the batch has as well."""
        first_line = self.style.header_lines + 1
        for line in range(first_line, first_line + records):
            self.add(KIND_OF_NAME["duplicate_row"], [line])
        self.read += records
        self.lines += records

    @property
    def is_cut_off(self) -> bool:
        """Whether the file ends in the middle of a line."""
        return any(KIND_OF_NAME[name].is_last_line for name in self.marks)

    def balance(self) -> dict[str, int]:
        """Law 1, as it must come out."""
        ended = dict.fromkeys(Ending, 0)
        for name, marks in self.marks.items():
            ended[KIND_OF_NAME[name].ending] += len(marks.lines)
        spoiled = ended[Ending.DEAD] + ended[Ending.DUPLICATE] + ended[Ending.BLANK]
        return {
            "read": self.read,
            "accepted": self.read - spoiled,
            "dead": ended[Ending.DEAD],
            "duplicate": ended[Ending.DUPLICATE],
            "blank": ended[Ending.BLANK],
        }

    def document(self) -> dict[str, Any]:
        """All of it, for a JSON file."""
        return {
            "balance": self.balance(),
            "kinds": {kind.name: self.marks[kind.name].document(kind) for kind in KINDS if kind.name in self.marks},
        }
