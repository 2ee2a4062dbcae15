"""What a kind of dirt is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from benchmarks.formats import FileFormat, Record, Style

CSV: frozenset[FileFormat] = frozenset({"csv"})
NDJSON: frozenset[FileFormat] = frozenset({"ndjson"})
LINES: frozenset[FileFormat] = CSV | NDJSON
TEXT: frozenset[FileFormat] = LINES | {"json"}
ALL: frozenset[FileFormat] = TEXT | {"parquet"}

RecordEdit = Callable[[Record, Random], Record]
StyledEdit = Callable[[Record, Style, Random], Record]
LineEdit = Callable[[Record, Style, Random], str]


class Family(StrEnum):
    """Dirt is told by its reason code. Damage has one cause for many rows, to be found and mended."""

    DIRT = "all"
    DAMAGE = "damage"


class Ending(StrEnum):
    """Where a record that was read must end up."""

    ACCEPTED = "accepted"
    DEAD = "dead"
    DUPLICATE = "duplicate"
    BLANK = "blank"


@dataclass(frozen=True)
class Kind:
    """One kind of dirt. Just one of `record`, `line` and `twin` makes it.

    A twin overwrites a later row with an edited copy of an earlier one. Damage is done to what `clean` makes of a row,
    and the ground truth keeps that clean record.
    """

    name: str
    means: str
    ending: Ending
    stage: str | None = None
    code: str | None = None
    column: str | None = None
    formats: frozenset[FileFormat] = ALL
    record: RecordEdit | None = None
    line: LineEdit | None = None
    twin: RecordEdit | None = None
    ends_both: bool = False  # the row that a twin was copied from ends as the twin does
    needs_utf8: bool = False
    family: Family = Family.DIRT
    clean: StyledEdit | None = None
    is_last_line: bool = False  # there is one, the last of the file, and no line end behind it

    def fits(self, style: Style) -> bool:
        """Whether a file of this style can hold it."""
        is_utf8 = style.encoding in ("utf-8", "utf-8-sig")
        return style.file_format in self.formats and (is_utf8 or not self.needs_utf8)
