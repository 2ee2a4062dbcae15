"""What `flows.inspect` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tasks.ingest.letters import MESSAGES, Letter
from tasks.ingest.text_reading import TableReading
from tasks.models import SourceRef

_CELL, _RAW, _COLUMNS = 24, 100, 12
_NAMES = {"\t": "tab", " ": "space", "\n": "LF", "\r\n": "CR LF", "\r": "CR", None: "none"}


def describe(source: SourceRef, table: TableReading, *, rows: int) -> str:
    """A reading in words, with its first rows."""
    return "\n".join([*_facts(source, table), *_columns(table), *_first_rows(table, rows), *_broken(table)])


def _facts(source: SourceRef, table: TableReading) -> Iterator[str]:
    dialect = table.dialect
    yield f"file       {source.uri} ({source.size_bytes:,} bytes)"
    yield f"encoding   {table.encoding} (confidence {table.encoding_confidence:.0%})"
    signs = {
        "delimiter": dialect.delimiter,
        "quote": dialect.quote,
        "escape": dialect.escape,
        "lines": dialect.line_end,
    }
    yield "dialect    " + ", ".join(f"{name} {_NAMES.get(sign, sign)}" for name, sign in signs.items())
    yield f"header     {dialect.header_rows or 'none'}, after {dialect.skip_rows} lines"
    yield f"records    {table.rows:,} rows, {table.blank:,} blank lines" + _counts(table)
    for finding in table.findings:
        count = f" ({finding.count:,})" if finding.count is not None else ""
        yield f"finding    {finding.code}: {finding.message}{count}"


def _counts(table: TableReading) -> str:
    parts = ((table.repaired, "repaired"), (table.dead, "left out"))
    return "".join(f", {_listed(codes)} {what}" for codes, what in parts if codes)


def _listed(codes: Counter[str]) -> str:
    return " and ".join(f"{count:,} {code}" for code, count in codes.most_common())


def _columns(table: TableReading) -> Iterator[str]:
    yield ""
    for place, (name, kind) in enumerate(zip(table.names, table.kinds, strict=True)):
        if place == 200:
            yield f"  ... and {len(table.names) - place} more"
            break
        yield f"  {place + 1:>3}  {_cut(name, 40):<40}  {kind}"


def _first_rows(table: TableReading, count: int) -> Iterator[str]:
    if not count or not table.first_rows:
        return
    shown = [table.names[:_COLUMNS], *(list(row[:_COLUMNS]) for row in table.first_rows[:count])]
    cells = [[_cut(cell, _CELL) for cell in row] for row in shown]
    widths = [max(len(row[place]) for row in cells) for place in range(len(cells[0]))]
    yield ""
    for row in cells:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _broken(table: TableReading) -> Iterator[str]:
    if not table.broken:
        return
    yield ""
    yield "broken lines (the first of them):"
    for letter in table.broken:
        yield f"  {_lines(letter)}  {letter.code}: {MESSAGES[letter.code]}"
        yield f"      {_cut((letter.raw or b'').decode(table.encoding, 'backslashreplace'), _RAW)}"


def _lines(letter: Letter) -> str:
    return f"line {letter.line}" if letter.line == letter.last_line else f"lines {letter.line}-{letter.last_line}"


def _cut(text: str, width: int) -> str:
    """Text on one line and safe for a terminal, cut where it is long."""
    plain = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text[: width + 1])
    return plain if len(plain) <= width else plain[: width - 1] + "…"
