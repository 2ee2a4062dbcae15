"""A broken record read the way that fits the columns best: a guess, for looking at files, never for landing them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from tasks.ingest.column_profile import ColumnProfile
from tasks.ingest.csv_grammar import split_record
from tasks.ingest.quoted_lines import unwrapped
from tasks.models import Dialect

_MAX_LENGTH, _MAX_WIDTH = 20_000, 100
_STRAY_QUOTE, _DROPPED, _MISSING_DELIMITER, _JOINED, _ABSENT = -1.5, -2.0, -3.0, -2.5, -1.0
_OTHER_DELIMITER = -3.0
_OTHER_DELIMITERS = (",", ";", "\t", "|", " ")
_WORST = -1e9
_MAX_JOINED = 12
_MAX_CLOSINGS, _MAX_SEAMS = 8, 40
_BUDGET = 30_000  # steps looked at


class _Step(NamedTuple):
    """One way to read the next cell: its text, where the next one begins (past the end: none), what it costs."""

    cell: str | None  # None: an empty cell too many, left out
    after: int
    cost: float


class Repair(NamedTuple):
    """The cells of a broken record, and how sure they are (0 is as good as any whole record)."""

    fields: list[str]
    score: float


def repair(text: str, dialect: Dialect, profiles: Sequence[ColumnProfile]) -> Repair | None:
    """Read a record that is broken, or has too many or too few cells.

    Args:
        text: the record, without its line end.
        dialect: how the file is written.
        profiles: one a column, from the file's whole records.
    """
    if dialect.cuts:
        return None
    bare = _unwrapped(text, dialect, profiles)
    if bare is not None:
        return bare
    found: list[Repair | None] = []
    if len(text) <= _MAX_LENGTH and len(profiles) <= _MAX_WIDTH:
        found.append(_Reader(text, dialect, profiles).best())
        found += [_with_delimiter(sign, text, dialect, profiles) for sign in _OTHER_DELIMITERS if sign in text]
    sure = [repaired for repaired in found if repaired is not None]
    return max(sure, key=lambda repaired: repaired.score) if sure else _filled_up(text, dialect, profiles)


def _unwrapped(text: str, dialect: Dialect, profiles: Sequence[ColumnProfile]) -> Repair | None:
    fields = unwrapped(text, dialect, len(profiles))
    if fields is None:
        return None
    return Repair(fields, sum(profile.fit(cell) for profile, cell in zip(profiles, fields, strict=True)))


def _with_delimiter(sign: str, text: str, dialect: Dialect, profiles: Sequence[ColumnProfile]) -> Repair | None:
    """The record as if someone had taken another delimiter for this one."""
    if text.count(sign) < len(profiles) - 1 or text.count(dialect.delimiter) > text.count(sign):
        return None
    found = _Reader(text, dialect.model_copy(update={"delimiter": sign}), profiles).best()
    return None if found is None else Repair(found.fields, found.score + _OTHER_DELIMITER)


def _filled_up(text: str, dialect: Dialect, profiles: Sequence[ColumnProfile]) -> Repair | None:
    """A record whose quotes are sound, with empty cells put or left out at its end."""
    fields, width = split_record(text, dialect), len(profiles)
    if fields is None or any(cell.strip() for cell in fields[width:]):
        return None
    fields = [*fields[:width], *[""] * (width - len(fields))]
    return Repair(fields, sum(profile.fit(cell) for profile, cell in zip(profiles, fields, strict=True)))


class _OutOfBudgetError(Exception):
    """Too many ways to read one record."""


class _Reader:
    """Finds the best reading of one record: cell by cell, each place in the text and each column looked at once."""

    def __init__(self, text: str, dialect: Dialect, profiles: Sequence[ColumnProfile]) -> None:
        self._text = text
        self._delimiter, self._quote = dialect.delimiter, dialect.quote or ""
        self._joined = _JOINED / 10 if dialect.delimiter.isspace() else _JOINED
        self._profiles = profiles
        self._end = len(text) + 1  # the place after the last cell
        self._left = _BUDGET
        self._known: dict[tuple[int, int], tuple[float, _Step | None]] = {}
        # A stray quote has its own cost; what it stands beside may fit all the same.
        self._fit = lru_cache(maxsize=None)(lambda cell, column: profiles[column].fit(cell.strip(self._quote or None)))

    def best(self) -> Repair | None:
        try:
            score, _ = self._best(0, 0)
        except _OutOfBudgetError:
            return None
        if score <= _WORST:
            return None
        fields, at, column = [], 0, 0
        while (step := self._known[at, column][1]) is not None:
            fields += [] if step.cell is None else [step.cell]
            at, column = step.after, column + (step.cell is not None)
        return Repair(fields, score)

    def _best(self, at: int, column: int) -> tuple[float, _Step | None]:
        """The best score for the text from `at` in the columns from `column`, and the first step towards it."""
        if (at, column) in self._known:
            return self._known[at, column]
        best: tuple[float, _Step | None] = (_WORST, None)
        if at == self._end and column == len(self._profiles):
            best = (0.0, None)
        for step in self._steps(at, column):
            self._left -= 1
            if self._left < 0:
                raise _OutOfBudgetError
            fit = 0.0 if step.cell is None else self._fit(step.cell, column)
            if step.cost + fit <= best[0]:
                continue  # scores only fall from here
            rest, _ = self._best(step.after, column + (step.cell is not None))
            if step.cost + fit + rest > best[0]:
                best = (step.cost + fit + rest, step)
        self._known[at, column] = best
        return best

    def _steps(self, at: int, column: int) -> Iterator[_Step]:
        if at < self._end:
            yield from self._dropped(at)
            if column < len(self._profiles):
                yield from self._quoted(at)
                yield from self._plain(at)
        if column < len(self._profiles):
            yield _Step("", at, _ABSENT)

    def _dropped(self, at: int) -> Iterator[_Step]:
        """An empty cell, plain or quoted, that is one too many."""
        if self._cell_end(at) == at:
            yield _Step(None, self._after(at), _DROPPED)
        if self._quote and self._text.startswith(self._quote, at):
            close = self._text.find(self._quote, at + 1)
            after = close + len(self._quote)
            is_end = after == len(self._text) or self._text.startswith(self._delimiter, after)
            if close > 0 and is_end and not self._text[at + 1 : close].strip():
                yield _Step(None, self._after(after), _DROPPED)

    def _cell_end(self, at: int) -> int:
        end = self._text.find(self._delimiter, at)
        return len(self._text) if end < 0 else end

    def _after(self, end: int) -> int:
        """Where the next cell begins, after one that ends at a delimiter or the text's end."""
        return self._end if end >= len(self._text) else end + len(self._delimiter)

    def _quoted(self, at: int) -> Iterator[_Step]:
        """From a quote to each quote that could close it."""
        if not self._quote or not self._text.startswith(self._quote, at):
            return
        start = at + len(self._quote)
        close, closings = self._text.find(self._quote, start), 0
        while close >= 0 and closings < _MAX_CLOSINGS:
            after = close + len(self._quote)
            is_end = after == len(self._text) or self._text.startswith(self._delimiter, after)
            if is_end or self._text.startswith(self._quote, after):
                closings += is_end
                inner = self._text[start:close]
                pairs = inner.replace(2 * self._quote, "")
                cell = inner.replace(2 * self._quote, self._quote)
                cost = _STRAY_QUOTE * pairs.count(self._quote)
                yield _Step(
                    cell, self._after(after) if is_end else after, cost if is_end else cost + _MISSING_DELIMITER
                )
            close = self._text.find(self._quote, after)

    def _plain(self, at: int) -> Iterator[_Step]:
        """To the next delimiter; further, over delimiters that are text; or less far, where one is missing."""
        end = self._cell_end(at)
        for joined in range(_MAX_JOINED):
            cell = self._text[at:end]
            cost = joined * self._joined + (_STRAY_QUOTE * cell.count(self._quote) if self._quote else 0)
            yield _Step(cell, self._after(end), cost)
            if end >= len(self._text):
                break
            end = self._cell_end(end + len(self._delimiter))
        for place in self._seams(at, self._cell_end(at)):
            yield _Step(self._text[at:place], place, _MISSING_DELIMITER)

    def _seams(self, at: int, end: int) -> Iterator[int]:
        """Where the kind of character changes: two cells may have grown together there."""
        seams = (place for place in range(at + 1, end) if _kind(self._text[place - 1]) != _kind(self._text[place]))
        yield from islice(seams, _MAX_SEAMS)


def _kind(letter: str) -> str:
    if letter.isdigit():
        return "9"
    return ("A" if letter.isupper() else "a") if letter.isalpha() else letter
