"""What was understood of each file, and where its records went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tasks.models import Dialect, FileSummary
from tasks.report.numbers import Numbers
from tasks.report.text import legible, shown

_MOST_FILES = 200
_NAMED = {
    "aligned": "blanks that line columns up",
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "pipe",
    " ": "space",
    ":": "colon",
}

_LINE_ENDS = {"\n": "LF", "\r\n": "CR LF", "\r": "CR", "mixed": "different ways"}
_COUNTED = {0: "no header", 1: "1 header row"}


class FileView(NamedTuple):
    """One file."""

    name: str
    line: str
    bar: tuple[tuple[str, float], ...]
    facts: tuple[tuple[str, str], ...]
    findings: tuple[str, ...]


class FilesView(NamedTuple):
    """The files' part of the page."""

    intro: str
    shown: tuple[FileView, ...]
    more: str


def view_files(files: Sequence[FileSummary], is_judged: bool, numbers: Numbers) -> FilesView:
    """Every file; of very many, those with the most dead letters and findings."""
    listed = files
    if len(files) > _MOST_FILES:
        listed = sorted(files, key=lambda file: (-file.rows.dead, -len(file.findings), file.uri))[:_MOST_FILES]
    more = f"The {_MOST_FILES} with the most dead letters, of {numbers.whole(len(files))}; all are in summary.json."
    return FilesView(
        intro=f"{numbers.whole(len(files))} {'file' if len(files) == 1 else 'files'}, in the order they were read.",
        shown=tuple(_file(file, is_judged, numbers) for file in listed),
        more=more if len(files) > _MOST_FILES else "",
    )


def _file(file: FileSummary, is_judged: bool, numbers: Numbers) -> FileView:
    rows = file.rows
    counts = {"accepted": rows.accepted, "dead": rows.dead, "duplicate": rows.duplicate, "blank": rows.blank}
    if not is_judged:
        counts["open"] = rows.read - sum(counts.values())
    bar = tuple((kind, 100 * count / rows.read) for kind, count in counts.items() if count and rows.read)
    return FileView(
        name=shown(file.uri.rsplit("/", 1)[-1]),
        line=_line(file, counts, numbers),
        bar=bar,
        facts=tuple(_facts(file, numbers)),
        findings=tuple(shown(f"{finding.message}{_times(finding.count, numbers)}", 400) for finding in file.findings),
    )


def _line(file: FileSummary, counts: dict[str, int], numbers: Numbers) -> str:
    words = {"accepted": "accepted", "dead": "dead", "duplicate": "duplicate", "blank": "blank", "open": "not judged"}
    parts = [f"{numbers.whole(count)} {words[kind]}" for kind, count in counts.items() if count]
    found = len(file.findings)
    notes = [f"{found} {'finding' if found == 1 else 'findings'}"] if found else []
    return " · ".join([f"{numbers.whole(file.rows.read)} read", *parts, *notes])


def _facts(file: FileSummary, numbers: Numbers) -> list[tuple[str, str]]:
    facts = [("Address", shown(file.uri, 400)), ("Size", numbers.size(file.size_bytes)), ("Format", file.file_format)]
    if file.encoding:
        sure = f", {numbers.share(file.encoding_confidence)} sure" if file.encoding_confidence is not None else ""
        facts.append(("Encoding", f"{file.encoding}{sure}"))
    if file.dialect:
        facts.append(("Dialect", _dialect(file.dialect)))
    if file.header:
        facts.append(("Header", shown(", ".join(file.header), 600)))
    return [*facts, ("Digest", f"sha256 {file.digest}")]


def _dialect(dialect: Dialect) -> str:
    parts = [f"fields parted by {_NAMED.get(dialect.delimiter, legible(dialect.delimiter))}"]
    parts.append(f"quoted by {legible(dialect.quote)}" if dialect.quote else "no quotes")
    parts += [f"escaped by {legible(dialect.escape)}"] if dialect.escape else []
    line_end = dialect.line_end.encode("unicode_escape").decode()
    parts.append("line ends of several kinds" if line_end == "mixed" else f"lines end in {line_end}")
    parts.append(f"{dialect.header_rows} header {'row' if dialect.header_rows == 1 else 'rows'}")
    parts += [f"{dialect.skip_rows} rows before it skipped"] if dialect.skip_rows else []
    return ", ".join(parts)


def _times(count: int | None, numbers: Numbers) -> str:
    return "" if count is None else f" ({numbers.whole(count)})"
