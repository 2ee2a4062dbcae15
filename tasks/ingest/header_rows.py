"""Which of a table's first rows are its header, and which are no part of it at all."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from tasks.ingest.cell_kinds import TYPED, Kind, kind_of
from tasks.ingest.column_profile import ColumnProfile, shape_of
from tasks.ingest.text_lines import Record

_COMPLETE_SHARE = 0.5
_NAMED_SHARE = 0.8
_MAX_ROWS = 20
_MAX_SAME = 3  # rows of a header
_WITHOUT_VALUES = 5  # rows at most below names, for these to be theirs
_DOTTED_DAY = "9.9.9"
_NUMBERS = 3  # in one cell: no name has as many
_FILLED_SHARE = 0.3
_USED_SHARE = 0.25  # of what the fullest column has


def _is_same(cell: str, other: str) -> bool:
    """Whether cells are the same, or two values of one key: `key=value`."""
    key, is_pair, _ = other.partition("=")
    return cell == other or (bool(key and is_pair) and cell.startswith(f"{key}="))


def _is_telling(profile: ColumnProfile) -> bool:
    return profile.kind in TYPED and profile.filled_share > _FILLED_SHARE


class HeaderFinder:
    """Holds the first records of a text against what its columns hold further down."""

    def __init__(
        self, records: Sequence[Record], profiles: Sequence[ColumnProfile], mended: Sequence[Sequence[str] | None]
    ) -> None:
        """Prepare to look.

        Args:
            records: the first ones.
            profiles: of the columns.
            mended: for each record how it reads if it is damaged, no cells if it is a line drawn below the names; None
                where it is whole or beyond that.
        """
        self._rows = [
            record.fields or [] if mend is None else mend for record, mend in zip(records, mended, strict=True)
        ]
        self._is_whole = [len(record.fields or []) == len(profiles) for record in records]
        self._typed = [place for place, profile in enumerate(profiles) if _is_telling(profile)]
        self._numbers = [place for place in self._typed if profiles[place].kind is Kind.NUMBER]
        most = max((profile.filled_share for profile in profiles), default=0.0)
        self._used = [place for place, profile in enumerate(profiles) if profile.filled_share > _USED_SHARE * most]
        self._profiles = profiles

    def find(self) -> tuple[int, int]:
        """Where the header begins, and where the records do; the same where there is no header."""
        body = next((place for place in range(len(self._rows)) if self._is_body(place)), None)
        if body is None:
            return self._of_words()
        start = body
        while start and body - start < _MAX_ROWS and self._belongs(start - 1, self._rows[start:body]):
            start -= 1
        while start < body and not self._filled(self._rows[start]):
            start += 1
        return (start, self._first_record(start, body)) if start < body else self._further_up(body)

    def _further_up(self, body: int) -> tuple[int, int]:
        """Names that rows stand below which hold no typed values, and the first row with anything below them."""
        place = body
        while place and body - place < _WITHOUT_VALUES and self._is_whole[place - 1] and not self._are_names(place - 1):
            place -= 1
        if not place or not self._are_names(place - 1):
            return body, body
        return place - 1, next(at for at in range(place, body + 1) if self._filled(self._rows[at]))

    def _first_record(self, start: int, body: int) -> int:
        """The first record: above the body, where a full row of names stands over a row that holds no names."""
        if start == body or not self._are_names(start) or not all(self._rows[start]):
            return body
        after = self._rows[body : body + 20]
        return next((place for place in range(start + 1, body) if self._is_record(self._rows[place], after)), body)

    def _are_names(self, place: int) -> bool:
        """Whether a row has a name of its own for nearly every column."""
        row = self._rows[place]
        is_typed = any(kind_of(cell) in TYPED for cell in row) and not self._is_counting(row)
        return self._is_whole[place] and self._is_complete([row], _NAMED_SHARE) and not is_typed and not _has_same(row)

    def _is_record(self, row: Sequence[str], after: Sequence[Sequence[str]]) -> bool:
        """Whether a row holds what no names do: one text throughout, or codes, or values that come again."""
        filled = self._filled(row)
        is_same = len(filled) > 2 and len({row[place] for place in filled}) == 1
        return bool(filled) and (is_same or self._is_coded(row) or self._recurs(row, after))

    def _of_words(self) -> tuple[int, int]:
        """The first row that fills most columns, in a table that holds nothing but words."""
        for place, row in enumerate(self._rows):
            if self._is_complete([row]):
                after = place + 1
                while after < len(self._rows) and self._rows[after] == row:
                    after += 1
                same = after - place
                if same > _MAX_SAME or (same > 1 and after == len(self._rows)):
                    after = place if same > 2 else place + 1  # the same over and over, as values are
                others = [other for other in self._rows[after : after + 20] if not _is_again(row, other)]
                is_record = self._is_coded(row) or self._recurs(row, others) or _is_shaped(row, others)
                return place, place if is_record else after
        return 0, 0

    def _is_coded(self, row: Sequence[str]) -> bool:
        """Whether a row has a code or an address where the others have one: names are neither."""
        pairs = zip(row, self._profiles, strict=False)
        return any(profile.kind in (Kind.CODE, Kind.URL) and kind_of(cell) is profile.kind for cell, profile in pairs)

    def _recurs(self, row: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
        """Whether much of a row comes again in the same columns, as values do and names do not."""
        filled = self._filled(row)
        again = {place for one in rows for place in filled if place < len(one) and _is_same(one[place], row[place])}
        return len(again) > len(filled) / 3

    def _is_body(self, place: int) -> bool:
        """Whether a row holds values where the columns below do."""
        row, below = self._rows[place], self._rows[place + 1 : place + 2]
        if len(row) != len(self._profiles):
            return False
        days = self._days_over_numbers(row)
        kinds = [Kind.WORDS if place in days else kind_of(row[place]) for place in self._typed]
        typed = sum(kind in TYPED for kind in kinds)
        words = sum(kind in (Kind.WORDS, Kind.CODE, Kind.URL) for kind in kinds)
        is_typed = typed > words if self._is_whole[place] else typed >= max(words, 1)  # what grew together is neither
        is_years = self._is_counting(row) and not any(map(self._is_counting, below))
        return is_typed and not is_years and not self._is_over_names(row, below, is_whole=self._is_whole[place])

    def _days_over_numbers(self, row: Sequence[str]) -> list[int]:
        """Where days or hours stand over columns of numbers, two at least: they are names."""
        days = [
            place for place in self._numbers if not self._profiles[place].has_shape(row[place]) and _is_when(row[place])
        ]
        return days if len(days) > 1 else []

    def _is_over_names(self, row: Sequence[str], below: Sequence[Sequence[str]], *, is_whole: bool) -> bool:
        """Whether a row over a row of names is hardly filled, as names over several columns are, or no part of it."""
        if not below or len(below[0]) != len(self._profiles) or (is_whole and 2 * len(self._filled(row)) > len(row)):
            return False
        return all(below[0]) and not any(kind_of(cell) in TYPED for cell in below[0])

    def _is_counting(self, row: Sequence[str]) -> bool:
        """Whether the numbers of a row count up, as years over columns do: by one, or three and more as years go."""
        if len(row) != len(self._profiles):
            return False
        filled = [row[place].strip() for place in self._typed if row[place].strip()]
        numbers = [cell for cell in filled if cell.isdigit()]
        if len(numbers) < 2 or len(numbers) < len(filled) - 1 or len(numbers[0]) != 4:
            return False
        steps = {int(after) - int(before) for before, after in pairwise(numbers)}
        are_years = len(numbers) > 2 and all("1500" <= number < "2200" for number in numbers)
        return steps == {1} or (are_years and min(steps) > 0)

    def _belongs(self, place: int, header: Sequence[Sequence[str]]) -> bool:
        """Whether the row above belongs to the header as well."""
        row = self._rows[place]
        if not row:
            return True
        filled = self._filled(row)
        is_named = self._is_complete(header, _NAMED_SHARE) and not self._has_doubles(header)
        if not filled:
            return bool(header) and not is_named
        if not self._is_whole[place] and header:
            return False
        if not header and filled == [*range(1, len(row))] and not any(kind_of(cell) in TYPED for cell in row[1:]):
            return True  # but for the column that numbers or names the rows
        return self._is_complete([row]) or (len(filled) > 1 and not is_named)

    def _filled(self, row: Sequence[str]) -> list[int]:
        return [place for place, cell in enumerate(row) if cell.strip()]

    def _is_complete(self, rows: Sequence[Sequence[str]], share: float = _COMPLETE_SHARE) -> bool:
        """Whether the rows together have names for most of the columns that are used."""
        named = {place for row in rows for place in self._filled(row)}
        return len(named) > 0 and len(named) >= min(2, len(self._used)) and len(named) >= share * len(self._used)

    def _has_doubles(self, rows: Sequence[Sequence[str]]) -> bool:
        width = len(self._profiles)
        names = [tuple(row[place] if place < len(row) else "" for row in rows) for place in range(width)]
        named = [name for name in names if any(part.strip() for part in name)]
        return len(set(named)) < len(named)


def _is_when(cell: str) -> bool:
    """Whether a cell is a day or an hour, also one that could be a number with signs between its digits."""
    return kind_of(cell) in (Kind.DATE, Kind.TIME) or shape_of(cell) == _DOTTED_DAY


def _has_same(row: Sequence[str]) -> bool:
    names = [cell.strip() for cell in row if cell.strip()]
    return len(set(names)) < len(names)


def _is_shaped(row: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether a cell has three numbers or more where most cells below have them, as times and addresses do."""
    shapes = [shape_of(cell) for cell in row]
    same = [
        sum(shape == shape_of(other[place]) for other in rows if place < len(other))
        for place, shape in enumerate(shapes)
    ]
    return any(
        shape.count("9") >= _NUMBERS and 2 * count > len(rows) > 1 for shape, count in zip(shapes, same, strict=True)
    )


def _is_again(header: Sequence[str], row: Sequence[str]) -> bool:
    """Whether a row is the header once more, as over another page or table."""
    same = sum(name.strip() == cell.strip() for name, cell in zip(header, row, strict=False))
    return same > _NAMED_SHARE * min(len(header), len(row))
