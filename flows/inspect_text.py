"""What `flows.inspect` prints: the same words in a terminal, where they have colours, and in a pipe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from tasks.ingest.aligned import ALIGNED
from tasks.ingest.letters import MESSAGES, Letter
from tasks.ingest.reading import FileReading
from tasks.models import Dialect, SourceRef
from tasks.sources import MIXED

_CELL, _RAW, _NAME, _COLUMNS, _LISTED = 26, 100, 40, 12, 200
_LABEL = 10
_NAMES = {
    ALIGNED: "blanks that line columns up",
    "\t": "tab",
    " ": "space",
    ",": "comma",
    ";": "semicolon",
    "|": "pipe",
}
_LINE_ENDS = {"\n": "LF", "\r\n": "CR LF", "\r": "CR", MIXED: "different ways"}
_HEADING, _MUTED, _WRONG, _NOTED = "bold", "dim", "red", "yellow"


def describe(source: SourceRef, reading: FileReading, *, rows: int, width: int | None = None) -> Text:
    """A reading in words, with its first rows.

    Args:
        source: the file.
        reading: what was read of it.
        rows: how many to show.
        width: of the terminal; None where it is none, and lines may be of any length.
    """
    lines = [*_facts(source, reading), *_columns(reading), *_first_rows(reading, rows, width), *_broken(reading)]
    return Text("\n").join([*lines, Text()])


def _fact(label: str, text: str, style: str = "") -> Text:
    return Text.assemble((label.ljust(_LABEL + 1), _HEADING), (text, style))


def _facts(source: SourceRef, reading: FileReading) -> Iterator[Text]:
    archive, _, member = source.uri.partition("!")
    yield _fact("file", _plain(f"{archive}, member {member}" if member else archive))
    packed = f", packed with {reading.packing}" if reading.packing else ""
    yield _fact("format", f"{reading.file_format}{packed}, {_bytes(source.size_bytes)}")
    if reading.encoding is not None:
        evidence = f" ({reading.encoding.evidence})" if reading.encoding.evidence else ""
        yield _fact("encoding", f"{reading.encoding.name}, {reading.encoding.confidence:.0%} sure{evidence}")
    if reading.dialect is not None:
        yield _fact("dialect", _dialect(reading.dialect))
        yield _fact("header", _header(reading.dialect))
    yield _fact("records", f"{_counted(reading.rows, 'row')}, {_counted(reading.blank, 'blank line')}")
    yield from (_fact("repaired", _listed(codes), _NOTED) for codes in (reading.repaired,) if codes)
    yield from (_fact("left out", _listed(codes), _WRONG) for codes in (reading.dead,) if codes)
    for finding in reading.findings:
        count = f" ({finding.count:,})" if finding.count is not None else ""
        yield _fact("finding", _plain(f"{finding.code}: {finding.message}{count}"), _NOTED)


def _dialect(dialect: Dialect) -> str:
    quote = f"quoted by {dialect.quote}" if dialect.quote else "no quotes"
    escape = f"escaped by {dialect.escape}" if dialect.escape else "no escape"
    delimiter = _NAMES.get(dialect.delimiter, dialect.delimiter)
    whole = ", each line in quotes as a whole" if dialect.has_quoted_lines else ""
    return _plain(f"parted by {delimiter}, {quote}, {escape}, lines end in {_LINE_ENDS[dialect.line_end]}{whole}")


def _header(dialect: Dialect) -> str:
    if not dialect.header_rows:
        return f"none, records begin in line {dialect.skip_rows + 1}"
    return f"{_counted(dialect.header_rows, 'row')}, from line {dialect.skip_rows + 1}"


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _bytes(count: int) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return _counted(count, "byte")


def _listed(codes: Counter[str]) -> str:
    return ", ".join(f"{count:,} {code}" for code, count in codes.most_common())


def _columns(reading: FileReading) -> Iterator[Text]:
    shown = reading.columns[:_LISTED]
    if not shown:
        return
    names = [_cut(column.name, _NAME) for column in shown]
    name_width = max(cell_len(name) for name in names)
    type_width = max(len(column.type) for column in shown)
    yield Text()
    yield Text(f"{_counted(len(reading.columns), 'column')}, by rows from all over", _HEADING)
    for place, (name, column) in enumerate(zip(names, shown, strict=True), 1):
        filled = "" if column.filled_share == 1 else f"{_share(column.filled_share)} filled"
        texts = (f"{place:>4}  ", _MUTED), set_cell_size(name, name_width), f"  {column.type:<{type_width}}  "
        yield _stripped(Text.assemble(*texts, (filled, _MUTED)))
    if len(reading.columns) > len(shown):
        yield Text(f"      and {len(reading.columns) - len(shown):,} more", _MUTED)


def _share(share: float) -> str:
    """As a percentage that says 0 and 100 only where it is so."""
    text = f"{share:.0%}"
    return "under 1%" if text == "0%" and share else "over 99%" if text == "100%" and share < 1 else text


def _first_rows(reading: FileReading, count: int, width: int | None) -> Iterator[Text]:
    if not count or not reading.first_rows:
        return
    rows = reading.first_rows[:count]
    names = [column.name for column in reading.columns]
    cells = [[_cut(name, _CELL) for name in names[:_COLUMNS]]]
    cells += [["·" if cell is None else _cut(cell, _CELL) for cell in row[:_COLUMNS]] for row in rows]
    widths = [max(cell_len(row[place]) for row in cells) for place in range(len(cells[0]))]
    fitting = _fitting(widths, width)
    left = len(names) - fitting
    more = f", the first {fitting} of {len(names)} columns" if left else ""
    yield Text()
    yield Text(f"first {_counted(len(rows), 'row')}{more}", _HEADING)
    for number, row in enumerate(cells):
        line = "  ".join(set_cell_size(row[place], widths[place]) for place in range(fitting))
        yield _stripped(Text(f"  {line}", _MUTED if number == 0 else ""))


def _fitting(widths: Sequence[int], width: int | None) -> int:
    """How many columns there is room for; one at least."""
    if width is None:
        return len(widths)
    ends = [2 * place + sum(widths[:place]) for place in range(1, len(widths) + 1)]
    return max(1, sum(end <= width for end in ends))


def _broken(reading: FileReading) -> Iterator[Text]:
    if not reading.broken:
        return
    total = reading.repaired.total() + reading.dead.total()
    first = f", the first {len(reading.broken)} of {total:,}" if total > len(reading.broken) else ""
    lines = "lines" if reading.file_format in ("csv", "ndjson") else "records"
    encoding = reading.encoding.name if reading.encoding is not None else "utf-8"
    yield Text()
    yield Text(f"broken {lines}{first}", _HEADING)
    for letter in reading.broken:
        yield Text.assemble(f"  {_place(letter, lines)}  ", (letter.code, _WRONG), f": {MESSAGES[letter.code]}")
        yield Text(f"      {_cut((letter.raw or b'').decode(encoding, 'backslashreplace'), _RAW)}", _MUTED)


def _place(letter: Letter, lines: str) -> str:
    if letter.line == letter.last_line:
        return f"{lines.removesuffix('s')} {letter.line}"
    return f"{lines} {letter.line}-{letter.last_line}"


def _stripped(text: Text) -> Text:
    text.rstrip()
    return text


def _plain(text: str) -> str:
    """Text on one line and safe for a terminal."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def _cut(text: str, width: int) -> str:
    """Text on one line and safe for a terminal, cut where it is long."""
    plain = _plain(text[: width + 1])
    return plain if cell_len(plain) <= width else set_cell_size(plain, width - 1).rstrip() + "…"
