"""A text file's first table, read without a contract: all text, header and rows, what was repaired and what not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

from expectations.contract import Column, ColumnType, Contract
from tasks.dead_letters.letter import LINE, SPAN
from tasks.ingest.csv_grammar import split_record
from tasks.ingest.csv_plan import Plan
from tasks.ingest.csv_read import ReadBlock
from tasks.ingest.csv_repair import repair
from tasks.ingest.csv_shape import Shape
from tasks.ingest.csv_signs import single_signs
from tasks.ingest.csv_source import CsvSource, Head, Hints, read_head
from tasks.ingest.dialect import detect_dialect
from tasks.ingest.letters import Letter, as_letters
from tasks.ingest.options import ReadOptions
from tasks.ingest.pin_doubts import pin_doubts
from tasks.ingest.quoted_lines import bare, unwrapped
from tasks.ingest.repeated_header import header_finding, part_headers
from tasks.ingest.table_layout import TableLayout, find_table, is_framed
from tasks.ingest.text_lines import split_lines
from tasks.models import Dialect, Finding, SourceRef
from tasks.one_ahead import one_ahead

_MAX_REPAIRED = 2000  # in a block; a flood of broken lines is not to be guessed at one by one
_LOOKED_AT = 5000  # lines; what comes after is not looked at before it is read
_IS_EMPTY, _IS_NOTE = "__is_empty", "__is_note"
_NARROW = 2  # columns; in a table of so few a record without a delimiter may be one that lost it
_REMARKS = ("#", "//", "--", "%", "!")
_BROKEN = {"too_few_fields", "too_many_fields", "bad_quote"}


class TextBlock(NamedTuple):
    """A stretch of a table."""

    rows: pl.DataFrame  # columns of text named by their places, then `__line` and `__span`
    repaired: list[Letter]  # records among them that were broken
    dead: list[Letter]
    blank: int


class TextTable:
    """The first table of a text file.

    Attributes:
        encoding: as it was found.
        dialect: with the lines before the header, and the rows of the header.
        header: the names; none where there is no header.
        profiles: what the columns hold, as far as the head shows it.
    """

    def __init__(self, source: SourceRef, options: ReadOptions, hints: Hints, *, is_repairing: bool = True) -> None:
        """Find out how a text file is written, from its first megabyte.

        Args:
            source: the file.
            options: what is known of it already.
            hints: from an earlier attempt.
            is_repairing: whether broken records are read as they fit best, or left out.

        Raises:
            SourceError: it cannot be read.
        """
        head = read_head(source, options, hints)
        self.encoding = head.encoding
        dialect = detect_dialect(head.text, options=options)
        head = head.within(dialect)
        layout, dialect, skipped = _find(head, dialect, options)
        names = layout.header or [""] * layout.width
        is_blank = all(layout.profiles[place].is_blank for place in (0, -1))
        self._is_framed = not options.is_layout_given and is_framed(dialect, names) and is_blank
        self.header = layout.header[1:-1] if self._is_framed else layout.header
        self.dialect = dialect
        self.first_line = skipped + layout.first_line + 1
        self._end_line = None if layout.end_line is None else skipped + layout.end_line + 1
        self.profiles = layout.profiles
        self._doubts = pin_doubts(options, head.data, head.text, dialect)
        self._is_repairing = is_repairing
        self._is_trimming = not options.is_layout_given
        signs = single_signs(dialect, head.text.encode(), hints.taken_signs)
        names = [str(place) for place in range(layout.width)]
        columns = {f"c{name}": Column(type=ColumnType.STRING) for name in names}  # type: ignore[call-arg]  # the rest has defaults
        plan = Plan(
            Shape(signs.dialect, layout.width),
            tuple(columns),
            Contract(dataset="text", columns=columns, null_values=()),  # type: ignore[call-arg]  # the rest has defaults
            signs.stand_ins,
        )
        self._width, self._row_width = layout.width, layout.row_width
        self.columns = list(columns)[1:-1] if self._is_framed else list(columns)
        self._names = dict(zip(self.columns, self.header, strict=False)) if layout.header_rows == 1 else {}
        self._repeated_headers = 0
        self._tail = _Tail(self.columns)
        self._csv = CsvSource(source, head.encoding, signs, plan, self.first_line)

    def blocks(self) -> Iterator[TextBlock]:
        """Read the table's records, in order; raises what `CsvSource.read` does."""
        for block in one_ahead(map(self._block, self._csv.read())):
            mine = self._without_header(self._until_end(block))
            yield mine._replace(rows=self._tail.taken_out(mine.rows, self._notes(mine))) if self._is_trimming else mine
            if self._is_past_end(block):
                break

    def findings(self) -> list[Finding]:
        """What is worth saying of the file; complete once it is read."""
        repeated = header_finding(self._repeated_headers)
        found = [*self._doubts, *self._csv.findings(), *([repeated] if repeated else [])]
        if self._end_line is not None:
            message = f"another table begins in line {self._end_line}; only the first one is read"
            found.append(Finding(code="several_tables", message=message))
        if self._tail.notes:
            message = "lines below the table were taken for notes and left out"
            found.append(Finding(code="notes", message=message, count=self._tail.notes))
        if self._tail.empty:
            message = "rows without any value, several together or at the end, were left out"
            found.append(Finding(code="empty_rows", message=message, count=self._tail.empty))
        return found

    def _notes(self, block: TextBlock) -> list[int]:
        """Lines of repaired records that are notes, if they stand below the table."""
        ends = set((block.rows[LINE] + block.rows[SPAN]).to_list())
        notes = []
        for letter in block.repaired:
            text = self._text(letter)
            if unwrapped(text, self.dialect, self._width) is not None:
                continue
            count = len(split_record(text, self.dialect) or [])
            is_apart = letter.line not in ends or letter.line - 1 in notes
            if (count == 1 and self._row_width > _NARROW) or (0 < count < self._row_width and is_apart):
                notes.append(letter.line)
        return notes

    def _block(self, read: ReadBlock) -> TextBlock:
        rows = pl.concat([read.records.typed, read.records.texts])
        dead: list[Letter] = []
        repaired: list[Letter] = []
        mended = []
        for letter in as_letters(self._csv.dead(read)):
            fields = self._mend(letter) if len(repaired) < _MAX_REPAIRED else None
            if fields is None:
                dead.append(letter)
            else:
                repaired.append(letter)
                mended.append([*fields, letter.line, letter.last_line - letter.line + 1])
        if mended:
            rows = pl.concat([rows, pl.DataFrame(mended, schema=rows.schema, orient="row")])
        rows = rows.sort(LINE)
        if self._is_framed:
            rows, outside = self._unframed(rows, read)
            dead = sorted([*dead, *outside])
        return TextBlock(rows, repaired, dead, read.blank)

    def _unframed(self, rows: pl.DataFrame, read: ReadBlock) -> tuple[pl.DataFrame, list[Letter]]:
        """The rows without what is beyond their first and last delimiter; and those that hold something there."""
        edges = ["c0", f"c{self._width - 1}"]
        has_more = pl.any_horizontal(pl.col(edges).fill_null("").str.strip_chars() != "")
        outside = as_letters(self._csv.located(read, rows.filter(has_more)))
        return rows.filter(~has_more).drop(edges), [letter._replace(code="too_many_fields") for letter in outside]

    def _mend(self, letter: Letter) -> list[str] | None:
        if not self._is_repairing or letter.code not in _BROKEN or letter.raw is None:
            return None
        text = self._text(letter)
        if text.startswith(_REMARKS) and self.dialect.delimiter not in text:
            return None
        found = repair(text, self.dialect, self.profiles)
        return None if found is None else found.fields

    def _text(self, letter: Letter) -> str:
        text = (letter.raw or b"").decode(self.encoding.name, "replace")
        return bare(text) if self.dialect.has_quoted_lines else text

    def _until_end(self, block: TextBlock) -> TextBlock:
        """What of a block comes before the next table."""
        end = self._end_line
        if end is None:
            return block
        repaired = [letter for letter in block.repaired if letter.line < end]
        dead = [letter for letter in block.dead if letter.line < end]
        return TextBlock(block.rows.filter(pl.col(LINE) < end), repaired, dead, block.blank)

    def _without_header(self, block: TextBlock) -> TextBlock:
        headers, rows = part_headers(block.rows, self._names)
        self._repeated_headers += headers.height
        return block._replace(rows=rows, blank=block.blank + headers.height)

    def _is_past_end(self, block: TextBlock) -> bool:
        return self._end_line is not None and block.rows.height > 0 and int(block.rows[LINE][-1]) >= self._end_line


def _find(head: Head, dialect: Dialect, options: ReadOptions) -> tuple[TableLayout, Dialect, int]:
    """The table, the dialect, and how many lines are left out before the lines the table was looked for in."""
    skipped = options.skip_rows or 0
    lines = split_lines(head.text, dialect.line_end)[skipped:]
    layout = find_table(lines[:_LOOKED_AT], dialect, header_rows=options.header_rows)
    found = {"skip_rows": skipped + layout.header_line, "header_rows": layout.header_rows}
    return layout, dialect.model_copy(update=found), skipped


class _Tail:
    """Takes out what is no part of the table: notes below it, and rows that hold nothing.

    Spreadsheets leave empty rows behind; several of them are taken out wherever they are, a single one only at the end,
    as between others it may be meant. Notes are records without a delimiter (or with few, after a blank line) below the
    last whole one.
    """

    def __init__(self, columns: list[str]) -> None:
        self._columns = columns
        self._held: pl.DataFrame | None = None  # what may be the end of the table: empty rows and notes
        self.notes = 0
        self._fillers = 0

    @property
    def empty(self) -> int:
        """How many rows that hold nothing were taken out."""
        return self._fillers + (0 if self._held is None else int(self._held[_IS_EMPTY].sum()))

    def taken_out(self, rows: pl.DataFrame, notes: list[int]) -> pl.DataFrame:
        """The rows that belong to the table; the last ones are held back while they may not.

        Args:
            rows: the next ones.
            notes: lines of those that would be notes if no row came after them.
        """
        if len(self._columns) == 1:
            return rows
        is_empty = pl.all_horizontal(pl.col(self._columns).str.strip_chars() == "").alias(_IS_EMPTY)
        rows = rows.with_columns(is_empty, pl.col(LINE).is_in(notes).alias(_IS_NOTE))
        rows = rows if self._held is None else pl.concat([self._held, rows])
        body = (~(rows[_IS_EMPTY] | rows[_IS_NOTE])).arg_true()
        end = int(body[-1]) + 1 if len(body) else 0
        self._held = rows[end:]
        self.notes = int(self._held[_IS_NOTE].sum())
        is_empty_row = rows[_IS_EMPTY]
        is_filler = is_empty_row & (is_empty_row.shift(-1, fill_value=False) | is_empty_row.shift(1, fill_value=False))
        self._fillers += int(is_filler[:end].sum())
        return rows[:end].filter(~is_filler[:end]).drop(_IS_EMPTY, _IS_NOTE)
