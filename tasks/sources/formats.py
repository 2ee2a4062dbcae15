"""Which format a source is in: by its content first, by its name where that leaves it open."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Literal

from tasks.models import SourceRef

FileFormat = Literal["csv", "json", "ndjson", "parquet"]

_NAMED: dict[str, FileFormat] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".json": "json",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
}
_PACKED = (".gz", ".zst", ".bz2", ".xz")
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff", b"\xff\xfe", b"\xfe\xff")

# `[id],[name]` is a CSV header and `[{` an array; `[1` may be either, so the name decides.
_ARRAY = re.compile(rb"\[\s*(?:[{\]]|$)")
_ARRAY_OF_VALUES = re.compile(rb'\[\s*(?:["\[\-0-9]|true\b|false\b|null\b)')
_OBJECT = re.compile(rb'\{\s*(?:"|\}|$)')
_OBJECT_LINE = re.compile(rb'^\{[ \t]*(?:"[^\r\n]*)?\}[ \t]*\r?$', re.MULTILINE)


def file_format(source: SourceRef, head: bytes) -> FileFormat:
    """The format of a source.

    Args:
        source: for its name.
        head: the first bytes of the unpacked stream; some thousands will do.
    """
    if head.startswith(b"PAR1"):
        return "parquet"
    named = _format_of_name(source.uri)
    text = _ascii_letters(head)
    if _ARRAY.match(text) or (named == "json" and _ARRAY_OF_VALUES.match(text)):
        return "ndjson" if named == "ndjson" else "json"
    if _OBJECT.match(text):
        is_alone = named == "json" and b"\n" not in text.rstrip()  # it may hold an array of records
        return "ndjson" if named == "ndjson" or (_is_lines_of_objects(text) and not is_alone) else "json"
    if named in ("json", "ndjson") and _OBJECT_LINE.search(text):
        return "ndjson"  # its first line is broken
    return "csv" if named is None else named


def _is_lines_of_objects(text: bytes) -> bool:
    """Whether the first line is a whole object, or (if that one is broken) two others are."""
    return _OBJECT_LINE.match(text) is not None or len(_OBJECT_LINE.findall(text)) > 1


def _format_of_name(uri: str) -> FileFormat | None:
    path = PurePosixPath(uri.partition("?")[0].lower())
    while path.suffix in _PACKED:
        path = path.with_suffix("")
    return _NAMED.get(path.suffix)


def _ascii_letters(head: bytes) -> bytes:
    """The head without byte order mark, leading blanks and the zero bytes of UTF-16 and UTF-32."""
    for bom in _BOMS:
        head = head.removeprefix(bom)
    return head.replace(b"\0", b"").lstrip()
