"""Damage: one cause that spoils many rows in the same way, as a person finds it and mends it.

None of it is among the kinds that `all` stands for: what explains and repairs dead letters is tried on files with it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

from benchmarks.dirt.edits import AT, replaced
from benchmarks.dirt.kind import CSV, TEXT, Ending, Family, Kind, RecordEdit, StyledEdit
from benchmarks.events import TIME_FORMAT
from benchmarks.formats import PLAIN_TIME, Record, Style, header_line, text_line, with_extra

NEW_CATEGORY = "wishlist"
NOTE = "&note=red{0} large"


def as_it_is(record: Record, _style: Style, _random: Random) -> Record:
    """Any row will do."""
    return record


def with_note(record: Record, style: Style, _: Random) -> Record:
    """A note with the delimiter in it."""
    return replaced(record, "metadata", f"{record[-1]}{NOTE.format(style.delimiter)}")


def with_value(record: Record, _style: Style, random: Random) -> Record:
    """A value with cents, in a row whatever its event."""
    return replaced(record, "value", f"{random.randint(1, 900)}.{random.randint(0, 99):02}")


def with_large_value(record: Record, _style: Style, random: Random) -> Record:
    """A value that is beyond reason when it is taken for cents."""
    return replaced(record, "value", f"{random.randint(1_001, 9_000)}.{random.randint(0, 99):02}")


def late_in_the_month(record: Record, _style: Style, random: Random) -> Record:
    """Start and end moved together, to a day that is no month."""
    start = datetime.strptime(record[AT["session_start"]] or "", TIME_FORMAT).replace(tzinfo=UTC)
    shift = start.replace(day=random.randint(13, 27)) - start
    return _with_times(record, lambda time: (time + shift).strftime(TIME_FORMAT))


def with_accents(record: Record, _style: Style, random: Random) -> Record:
    """Text with letters beyond ASCII."""
    return replaced(
        record, "metadata", f"device=mobile&city={random.choice(('Köln', 'Málaga', 'Århus'))}&app=4.9&ref=ad"
    )


def with_new_category(record: Record, _style: Style, _random: Random) -> Record:
    """A type of event that came with a release nobody announced."""
    return replaced(record, "event_type", NEW_CATEGORY)


def unquoted(record: Record, style: Style, _: Random) -> str:
    """Every field bare, so that those behind a delimiter in the text shift to the right."""
    return style.delimiter.join(cell or "" for cell in with_extra(record, style))


def decimal_comma(record: Record, _: Random) -> Record:
    """The value with a comma for its point."""
    return replaced(record, "value", (record[AT["value"]] or "").replace(".", ","))


def day_month_swap(record: Record, _: Random) -> Record:
    """Year, day, month."""
    return _with_times(record, lambda time: time.strftime("%Y-%d-%m %H:%M:%S"))


def epoch_seconds(record: Record, _: Random) -> Record:
    """Seconds since 1970 for a time."""
    return _with_times(record, lambda time: str(int(time.timestamp())))


def epoch_milliseconds(record: Record, _: Random) -> Record:
    """Milliseconds since 1970 for a time."""
    return _with_times(record, lambda time: str(int(time.timestamp()) * 1_000))


def mojibake(record: Record, _: Random) -> Record:
    """UTF-8 read as cp1252 and written as UTF-8 again."""
    return [cell and cell.encode().decode("cp1252") for cell in record]


def other_encoding(record: Record, _: Random) -> Record:
    """The bytes of cp1252 in the middle of UTF-8."""
    return [cell and cell.encode("cp1252").decode("utf-8", "surrogateescape") for cell in record]


def in_cents(record: Record, _: Random) -> Record:
    """The value times 100, without a point."""
    return replaced(record, "value", (record[AT["value"]] or "").replace(".", ""))


def unchanged(record: Record, _: Random) -> Record:
    """The clean record, which the suite does not know yet."""
    return record


def header_again(_record: Record, style: Style, _random: Random) -> str:
    """The header, as where two files were put together."""
    return header_line(style)


def cut_off(record: Record, style: Style, random: Random) -> str:
    """The first part of a line."""
    fields = text_line(record, style).split(style.delimiter)
    return style.delimiter.join(fields[: random.randint(2, 4)])


def _with_times(record: Record, write: Callable[[datetime], str]) -> Record:
    def rewritten(cell: str | None) -> str | None:
        if cell is None or not PLAIN_TIME.fullmatch(cell):
            return cell
        return write(datetime.strptime(cell, TIME_FORMAT).replace(tzinfo=UTC))

    return [rewritten(cell) if at in (1, 2) else cell for at, cell in enumerate(record)]


def _cast(name: str, column: str, means: str, clean: StyledEdit, record: RecordEdit) -> Kind:
    code = "cast_decimal" if column == "value" else "cast_datetime"
    family = Family.DAMAGE
    return Kind(name, means, Ending.DEAD, "cast", code, column, TEXT, family=family, clean=clean, record=record)


def _gate(name: str, code: str, means: str, clean: StyledEdit, record: RecordEdit) -> Kind:
    return Kind(name, means, Ending.DEAD, "gate", code, family=Family.DAMAGE, clean=clean, record=record)


DAMAGE = (
    Kind(
        "shifted_columns",
        "text with a delimiter in it, and no quotes around it",
        Ending.DEAD,
        "parse",
        "too_many_fields",
        formats=CSV,
        family=Family.DAMAGE,
        clean=with_note,
        line=unquoted,
    ),
    _cast("decimal_comma", "value", "a comma for the decimal point", with_value, decimal_comma),
    _cast("day_month_swap", "session_start", "day and month swapped in each time", late_in_the_month, day_month_swap),
    _cast("epoch_seconds", "session_start", "times as seconds since 1970", as_it_is, epoch_seconds),
    _cast("epoch_milliseconds", "session_start", "times as milliseconds since 1970", as_it_is, epoch_milliseconds),
    _gate("mojibake", "mojibake", "UTF-8 read as cp1252 and written as UTF-8 again", with_accents, mojibake),
    Kind(
        "other_encoding",
        "a line in cp1252 in a file of UTF-8",
        Ending.DEAD,
        "parse",
        "invalid_encoding",
        formats=CSV,
        needs_utf8=True,
        family=Family.DAMAGE,
        clean=with_accents,
        record=other_encoding,
    ),
    _gate("new_category", "unknown_event_type", "a type of event that is new", with_new_category, unchanged),
    _gate("unit_change", "value_out_of_range", "values in cents in place of euros", with_large_value, in_cents),
    Kind(
        "header_repeated",
        "the header once more, in the middle of the file",
        Ending.DEAD,
        "cast",
        "cast_integer",
        formats=CSV,
        family=Family.DAMAGE,
        line=header_again,
    ),
    Kind(
        "truncated_last_line",
        "the file ends in the middle of its last line",
        Ending.DEAD,
        "parse",
        "too_few_fields",
        formats=CSV,
        family=Family.DAMAGE,
        clean=as_it_is,
        line=cut_off,
        is_last_line=True,
    ),
)
