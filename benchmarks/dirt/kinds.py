"""Every kind of dirt and of damage: what it does to a row, and how that row must end."""

from __future__ import annotations

from benchmarks.dirt import edits
from benchmarks.dirt.damage import DAMAGE
from benchmarks.dirt.kind import CSV, LINES, NDJSON, TEXT, Ending, Kind, LineEdit, RecordEdit


def _parse(name: str, code: str, means: str, record: RecordEdit | None = None, line: LineEdit | None = None) -> Kind:
    return Kind(name, means, Ending.DEAD, "parse", code, formats=CSV, record=record, line=line)


def _cast(name: str, code: str, column: str, means: str, record: RecordEdit) -> Kind:
    return Kind(name, means, Ending.DEAD, "cast", code, column, formats=TEXT, record=record)


def _gate(name: str, code: str, means: str, record: RecordEdit) -> Kind:
    return Kind(name, means, Ending.DEAD, "gate", code, record=record)


def _benign(name: str, means: str, record: RecordEdit) -> Kind:
    return Kind(name, means, Ending.ACCEPTED, formats=TEXT, record=record)


DIRT = (
    _parse("short_line", "too_few_fields", "fields are missing at the end of the line", edits.drop_fields),
    _parse("long_line", "too_many_fields", "the line has more fields than the header", edits.add_fields),
    _parse(
        "unclosed_quote",
        "bad_quote",
        "a field opens a quote that is never closed; the next line is read as if nothing had been",
        line=edits.open_quote,
    ),
    _parse("text_after_quote", "bad_quote", "text stands behind a closing quote", line=edits.text_after_quote),
    _parse("nul_byte", "nul_byte", "a byte is 0, as after a crash of the disk", edits.nul_byte),
    Kind(
        "invalid_encoding",
        "bytes that are no UTF-8, in a file that is UTF-8",
        Ending.DEAD,
        "parse",
        "invalid_encoding",
        formats=CSV,
        record=edits.invalid_bytes,
        needs_utf8=True,
    ),
    Kind(
        "truncated_json",
        "the object is cut off",
        Ending.DEAD,
        "parse",
        "bad_json",
        formats=NDJSON,
        line=edits.truncated_json,
    ),
    _cast("bad_integer", "cast_integer", "user_id", "a user_id that is no whole number", edits.bad_integer),
    _cast("huge_integer", "integer_out_of_range", "user_id", "a user_id that 64 bits cannot hold", edits.huge_integer),
    _cast("bad_number", "cast_decimal", "value", "a value that is no number", edits.bad_number),
    _cast("too_precise", "decimal_too_precise", "value", "a value with a part of a cent", edits.too_precise),
    _cast("bad_date", "cast_datetime", "session_start", "a start that is no time, or none of ours", edits.bad_start),
    _cast("bad_end_date", "cast_datetime", "session_end", "an end that is no time, or none of ours", edits.bad_end),
    _gate("missing_user_id", "missing_user_id", "no user_id", edits.blank_out("user_id")),
    _gate("missing_start", "missing_session_start", "no session_start", edits.blank_out("session_start")),
    _gate("missing_event", "missing_event_type", "no event_type", edits.blank_out("event_type")),
    _gate("unknown_event", "unknown_event_type", "an event_type that is none of the known ones", edits.unknown_event),
    _gate("bad_user_id", "user_id_out_of_range", "a user_id below 1", edits.impossible_user),
    _gate("bad_value", "value_out_of_range", "a value below 0 or beyond reason", edits.impossible_value),
    _gate("unpaid_purchase", "purchase_without_value", "a purchase without a value", edits.unpaid_purchase),
    _gate("end_before_start", "end_before_start", "a session that ends before it starts", edits.end_before_start),
    _gate("long_metadata", "metadata_too_long", "metadata of more than 2,000 characters", edits.long_metadata),
    Kind("duplicate_row", "a row that is there already", Ending.DUPLICATE, twin=edits.same),
    Kind(
        "duplicate_key",
        "a row with the key of another one and other content: neither can be trusted",
        Ending.DEAD,
        "gate",
        "key_not_unique",
        twin=edits.other_content,
        ends_both=True,
    ),
    Kind("blank_line", "an empty line", Ending.BLANK, formats=LINES, line=edits.blank_line),
    _benign("quoted_text", "metadata with delimiter and quotes, written as it should be", edits.quoted_text),
    _benign("multiline_text", "metadata with a line end inside its quotes", edits.multiline_text),
    _benign("iso_time", "times with a T", edits.iso_time),
    _benign("formula", "metadata that a spreadsheet would run", edits.formula),
    _benign("script", "metadata that a browser would run", edits.script),
    Kind(
        "stray_quote",
        "a quote inside a field that does not begin with one: a literal",
        Ending.ACCEPTED,
        formats=CSV,
        line=edits.stray_quote,
    ),
)
KINDS = (*DIRT, *DAMAGE)
KIND_OF_NAME = {kind.name: kind for kind in KINDS}
