"""What dirt does to a record or to its line. A single surrogate stands for a byte that is no text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from benchmarks.events import HEADER, TIME_FORMAT
from benchmarks.formats import Record, Style, csv_field, text_line, with_extra

AT = {name: position for position, name in enumerate(HEADER)}
BAD_TIMES = ("2026-02-30 10:00:00", "2026-13-01 09:30:00", "2026-06-15 25:61:00", "yesterday", "15.06.2026", "0")
BAD_INTEGERS = ("12a4", "1O23456", "17.5", "1e3", "user-42", "--7")
BAD_NUMBERS = ("12.3.4", "abc", "1O.50", "--5", "12 EUR", "1e")
UNKNOWN_EVENTS = ("viewed", "Purchase", "clik", "wishlist", "test")


def replaced(record: Record, column: str, cell: str | None) -> Record:
    """The record with one other cell."""
    return [cell if at == AT[column] else old for at, old in enumerate(record)]


def same(record: Record, _: Random) -> Record:
    """An exact copy."""
    return list(record)


def drop_fields(record: Record, random: Random) -> Record:
    """One to four fields too few."""
    return record[: -random.randint(1, 4)]


def add_fields(record: Record, random: Random) -> Record:
    """One or two fields too many."""
    return [*record, "web", "2"][: len(record) + random.randint(1, 2)]


def nul_byte(record: Record, random: Random) -> Record:
    """A NUL somewhere in the metadata."""
    text = record[-1] or ""
    cut = random.randint(0, len(text))
    return replaced(record, "metadata", text[:cut] + "\0" + text[cut:])


def invalid_bytes(record: Record, random: Random) -> Record:
    """One or two bytes that no UTF-8 text has."""
    broken = random.choice(("\udcff", "\udcc3(", "\udc80", "\udcf6"))
    return replaced(record, "metadata", f"{record[-1]}&note={broken}")


def bad_integer(record: Record, random: Random) -> Record:
    """A user_id that is no whole number."""
    return replaced(record, "user_id", random.choice(BAD_INTEGERS))


def huge_integer(record: Record, random: Random) -> Record:
    """A user_id that no 64 bits hold."""
    return replaced(record, "user_id", f"{random.randint(10, 99)}000000000000000000")


def bad_number(record: Record, random: Random) -> Record:
    """A value that is no number."""
    return replaced(record, "value", random.choice(BAD_NUMBERS))


def too_precise(record: Record, random: Random) -> Record:
    """A value with three digits after the point, the last of them not 0."""
    return replaced(record, "value", f"{random.randint(1, 900)}.{random.randint(0, 99):02}{random.randint(1, 9)}")


def bad_start(record: Record, random: Random) -> Record:
    """A start that is no time."""
    return replaced(record, "session_start", random.choice(BAD_TIMES))


def bad_end(record: Record, random: Random) -> Record:
    """An end that is no time."""
    return replaced(record, "session_end", random.choice(BAD_TIMES))


def blank_out(column: str) -> Callable[[Record, Random], Record]:
    """The edit that takes one cell away."""

    def edit(record: Record, _: Random) -> Record:
        return replaced(record, column, None)

    return edit


def unknown_event(record: Record, random: Random) -> Record:
    """An event_type that no suite names."""
    return replaced(record, "event_type", random.choice(UNKNOWN_EVENTS))


def impossible_user(record: Record, random: Random) -> Record:
    """A user_id that only a default can have made."""
    return replaced(record, "user_id", random.choice(("0", "-1", "-99")))


def impossible_value(record: Record, random: Random) -> Record:
    """A value below 0, or of millions."""
    return replaced(record, "value", random.choice(("-0.01", "-35.00", "1000000.00", "100000.01")))


def unpaid_purchase(record: Record, _: Random) -> Record:
    """A purchase without a value."""
    return replaced(replaced(record, "event_type", "purchase"), "value", None)


def end_before_start(record: Record, random: Random) -> Record:
    """An end some seconds to hours before the start."""
    start = datetime.strptime(record[AT["session_start"]] or "", TIME_FORMAT)  # noqa: DTZ007  # the dataset has no zone
    end = start - timedelta(seconds=random.randint(1, 20_000))
    return replaced(record, "session_end", end.strftime(TIME_FORMAT))


def long_metadata(record: Record, random: Random) -> Record:
    """Metadata just over the limit, or far over it."""
    return replaced(record, "metadata", "x" * random.choice((2_001, 5_000)))


def other_content(record: Record, _: Random) -> Record:
    """The same key, other metadata."""
    return replaced(record, "metadata", f"{record[-1]}&retry=1")


def quoted_text(record: Record, _: Random) -> Record:
    """Text that has to be quoted."""
    return replaced(record, "metadata", f'{record[-1]}&note=said "ja, gern", twice; left')


def multiline_text(record: Record, random: Random) -> Record:
    """Text of two or three lines."""
    return replaced(
        record, "metadata", "\n".join([f"{record[-1]}&note=first", "second, third", "end"][: random.randint(2, 3)])
    )


def iso_time(record: Record, _: Random) -> Record:
    """Start and end as ISO 8601 writes them."""
    return [cell.replace(" ", "T") if cell and at in (1, 2) else cell for at, cell in enumerate(record)]


def formula(record: Record, random: Random) -> Record:
    """Text that a spreadsheet takes for a formula."""
    return replaced(record, "metadata", random.choice(("=cmd|' /C calc'!A0", "+1+cmd|'x'!A1", "@SUM(1)", "-2+3")))


def script(record: Record, random: Random) -> Record:
    """Text that a browser takes for a program."""
    return replaced(record, "metadata", random.choice(("<script>alert(1)</script>", "<img src=x onerror=alert(1)>")))


def open_quote(record: Record, style: Style, random: Random) -> str:
    """A quote before a field, and none behind it."""
    return _with_field(record, style, random.choice((0, 3, 5)), '"{}')


def text_after_quote(record: Record, style: Style, random: Random) -> str:
    """A quoted field with a letter between its closing quote and the delimiter."""
    return _with_field(record, style, random.choice((0, 3, 5)), '"{}"x')


def stray_quote(record: Record, style: Style, _: Random) -> str:
    """A quote in the middle of a field that is not quoted."""
    return _with_field(record, style, 5, '{}&screen=5" wide')


def truncated_json(record: Record, style: Style, random: Random) -> str:
    """The first part of an object."""
    line = text_line(record, style)
    return line[: random.randint(5, len(line) - 2)]


def blank_line(_record: Record, _style: Style, random: Random) -> str:
    """Nothing, or nothing but spaces."""
    return random.choice(("", "", "   "))


def _with_field(record: Record, style: Style, position: int, template: str) -> str:
    """The line, one field of it written by a template that gets the bare text."""
    fields = [csv_field(cell, style) for cell in with_extra(record, style)]
    fields[position] = template.format(record[position] or "")
    return style.delimiter.join(fields)
