"""How one CSV record is read, line by line: the grammar that the fast and the exact path share.

A cell that begins with the quote is quoted and ends at a quote followed by a delimiter or the line's end; a doubled
quote inside it is a quote, and so is an escaped one. A quote inside a cell that does not begin with one is a plain
character. Anything else is a broken quote.
"""

from __future__ import annotations

from enum import Enum

from tasks.ingest.aligned import cells_at
from tasks.models import Dialect


class State(Enum):
    """What a record is after the lines fed so far."""

    WHOLE = "whole"
    OPEN = "open"  # inside quotes (or after an escaped line end): the next line may close it
    BROKEN = "broken"  # a closing quote is followed by something else: no further line can mend it


class RecordParser:
    """Reads one record from one line or several."""

    def __init__(self, dialect: Dialect) -> None:
        self._delimiter = dialect.delimiter
        self._quote = dialect.quote
        self._escape = dialect.escape if dialect.escape != dialect.quote else None
        self._cuts = dialect.cuts
        self._line_end = "\r" if dialect.line_end == "\r" else "\n"
        self.fields: list[str] = []
        self._cell: list[str] = []  # what is read so far of a cell that is still open
        self._is_open = False
        self._is_quoted = False

    def feed(self, line: str) -> State:
        """Read one more physical line, given without its line end (a CR before the LF may still be there)."""
        if self._cuts:
            self.fields = cells_at(self._without_cr(line), self._cuts)
            return State.WHOLE
        if self._is_open:
            self._cell.append(self._line_end)
            step = self._quoted_cell(line, 0) if self._is_quoted else self._plain_cell(line, 0)
        elif self._is_plain(line):
            self.fields = self._without_cr(line).split(self._delimiter)
            return State.WHOLE
        else:
            step = self._begin_cell(line, 0)
        while not isinstance(step, State):
            step = self._begin_cell(line, step)
        return step

    @property
    def is_in_quotes(self) -> bool:
        """Whether the record is open because a quote is."""
        return self._is_open and self._is_quoted

    def _is_plain(self, line: str) -> bool:
        has_quote = self._quote is not None and self._quote in line
        has_escape = self._escape is not None and self._escape in line
        return not has_quote and not has_escape

    def _without_cr(self, text: str) -> str:
        return text[:-1] if self._line_end == "\n" and text.endswith("\r") else text

    # Each of these reads from `at` and gives where the next cell begins, or what the record is at the line's end.

    def _begin_cell(self, line: str, at: int) -> int | State:
        self._cell, self._is_open = [], False
        self._is_quoted = self._quote is not None and line.startswith(self._quote, at)
        if self._is_quoted:
            return self._quoted_cell(line, at + len(self._quote or ""))
        return self._plain_cell(line, at)

    def _plain_cell(self, line: str, at: int) -> int | State:
        while True:
            end = line.find(self._delimiter, at)
            escaped = line.find(self._escape, at, end if end >= 0 else None) if self._escape is not None else -1
            if escaped < 0:
                break
            self._cell.append(line[at:escaped])
            if escaped + 1 >= len(line):
                return self._leave_open()
            self._cell.append(self._unescaped(line, escaped))
            at = escaped + 2
        if end < 0:
            return self._close(self._without_cr(line[at:]))
        self._close(line[at:end])
        return end + len(self._delimiter)

    def _quoted_cell(self, line: str, at: int) -> int | State:
        quote = self._quote or ""
        while True:
            end = line.find(quote, at)
            escaped = line.find(self._escape, at, end if end >= 0 else None) if self._escape is not None else -1
            if escaped >= 0:
                self._cell.append(line[at:escaped])
                if escaped + 1 >= len(line):
                    return self._leave_open()
                self._cell.append(self._unescaped(line, escaped))
                at = escaped + 2
            elif end < 0:
                self._cell.append(line[at:])
                return self._leave_open()
            else:
                self._cell.append(line[at:end])
                at = end + len(quote)
                if not line.startswith(quote, at):
                    return self._after_quote(line, at)
                self._cell.append(quote)
                at += len(quote)

    def _unescaped(self, line: str, at: int) -> str:
        """What the escape at `at` and the character after it stand for: a sign itself; a letter keeps its escape."""
        after = line[at + 1]
        return line[at : at + 2] if after.isalnum() else after

    def _after_quote(self, line: str, at: int) -> int | State:
        if self._without_cr(line[at:]) == "":
            return self._close("")
        if not line.startswith(self._delimiter, at):
            return State.BROKEN
        self._close("")
        return at + len(self._delimiter)

    def _close(self, last: str) -> State:
        self.fields.append("".join(self._cell) + last)
        self._cell, self._is_open = [], False
        return State.WHOLE

    def _leave_open(self) -> State:
        self._is_open = True
        return State.OPEN


def split_record(text: str, dialect: Dialect) -> list[str] | None:
    """The cells of a record of one line or several; None where its quotes are broken."""
    parser, state = RecordParser(dialect), State.OPEN
    for line in text.split("\r" if dialect.line_end == "\r" else "\n"):
        if state is not State.OPEN:
            return None
        state = parser.feed(line)
    return parser.fields if state is State.WHOLE else None


def split_line(line: str, dialect: Dialect) -> list[str] | None:
    """The cells of a line that is a whole record on its own; None where it is not."""
    parser = RecordParser(dialect)
    return parser.fields if parser.feed(line) is State.WHOLE else None
