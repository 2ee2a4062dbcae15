"""Dead letters as tables for people, JSON, and CSV that a spreadsheet may open."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tasks.dead_letters.models import StoredLetter

Row = Mapping[str, Any]
FORMATS = ("table", "csv", "json")
_FORMULA_SIGNS = tuple("=+-@\t\r\n＝＋－＠")


def render(rows: Sequence[Row], form: str) -> str:
    """Rows of one shape, as `table`, `csv` or `json`."""
    if form == "json":
        return json.dumps(rows, indent=1, default=str, ensure_ascii=False)
    if form == "csv":
        return as_csv(rows).removesuffix("\n")
    return as_table(rows)


def as_table(rows: Sequence[Row]) -> str:
    """Columns side by side under their names."""
    if not rows:
        return "none"
    names = list(rows[0])
    cells = [names, *([_cell(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(names))]
    is_number = [all(isinstance(row[name], int | None) for row in rows) for name in names]

    def line(parts: Sequence[str]) -> str:
        placed = zip(parts, widths, is_number, strict=True)
        return "  ".join(part.rjust(width) if number else part.ljust(width) for part, width, number in placed).rstrip()

    return "\n".join(line(parts) for parts in cells)


def as_csv(rows: Iterable[Row]) -> str:
    """Comma-separated, with a header; a text that a spreadsheet would run gets an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for number, row in enumerate(rows):
        if number == 0:
            writer.writerow(row)
        writer.writerow([_neutral(value) for value in row.values()])
    return out.getvalue()


def _neutral(value: Any) -> Any:
    text = _cell(value) if not isinstance(value, int | float) else value
    return f"'{text}" if isinstance(text, str) and text.startswith(_FORMULA_SIGNS) else text


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, int):
        return f"{value:,}"
    return json.dumps(value, default=str, ensure_ascii=False) if isinstance(value, list | dict) else str(value)


def short(letter: StoredLetter) -> dict[str, Any]:
    """A letter in one line of a list."""
    return {
        "id": letter.id[:12],
        "status": letter.status.value,
        "dataset": letter.dataset,
        "file": letter.file.rsplit("/", 1)[-1],
        "line": letter.line,
        "stage": letter.stage.value,
        "reasons": " ".join(_reason(reason.code, reason.column) for reason in letter.reasons),
        "first_seen": f"{letter.first_seen_at:%Y-%m-%d %H:%M}",
        "attempts": letter.attempts,
    }


def _reason(code: str, column: str | None) -> str:
    return f"{code}({column})" if column else code


def whole(letter: StoredLetter, text: str) -> dict[str, Any]:
    """All of a letter, its raw text as it may be shown."""
    return letter.model_dump(mode="json", exclude={"raw"}) | {"text": text}


def flat(letter: StoredLetter, text: str) -> dict[str, Any]:
    """All of a letter in cells."""
    row = whole(letter, text)
    reasons = [{name: value for name, value in reason.items() if value is not None} for reason in row.pop("reasons")]
    return row | {"reasons": json.dumps(reasons, ensure_ascii=False)}
