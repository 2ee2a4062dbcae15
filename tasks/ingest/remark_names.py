"""A header written as a remark, right above the rows: `#Fields: date time` as web servers write it, `# a b c`."""

from __future__ import annotations

from collections.abc import Sequence

from tasks.ingest.text_lines import Record

SIGN = "#"


def with_remark_names(records: Sequence[Record], lines: Sequence[str], width: int) -> list[Record]:
    """Records; if the remark right above the first row has a name for each column, from that on, with the names only.

    Args:
        records: the first ones, in order.
        lines: they are numbered by.
        width: how many cells most of those have that are no remarks.
    """
    row = next((place for place, one in enumerate(records) if not is_remark(one, lines)), 0)
    names = names_of(records[row - 1].fields or [], width) if row else None
    if names is None:
        return list(records)
    return [records[row - 1]._replace(fields=names), *records[row:]]


def is_remark(record: Record, lines: Sequence[str]) -> bool:
    """Whether a record begins as a remark does."""
    return lines[record.line].startswith(SIGN)


def names_of(cells: Sequence[str], width: int) -> list[str] | None:
    """The names in a remark, behind its sign or a word with a colon; None where they are not as many as the columns.

    Args:
        cells: of the remark, read like a row; where that gives one cell, blanks part the names.
        width: how many columns there are.
    """
    cells = cells[0].split() if len(cells) == 1 else cells
    is_led = bool(cells) and cells[0].startswith(SIGN) and (cells[0].strip(SIGN) == "" or cells[0].endswith(":"))
    names = [cell.strip() for cell in cells[1:]]
    return names if is_led and len(names) == width > 1 and all(names) and len({*names}) == width else None
