"""Built-in repairs of one column's text, in a record whose fields are right."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, Inexact, InvalidOperation, localcontext
from typing import TypeGuard
from zoneinfo import ZoneInfo

from expectations.contract import Column, ColumnType, Contract
from expectations.errors import UsageError
from expectations.time_formats import python_format
from tasks.dead_letters.cells import read_time
from tasks.dead_letters.records import Record, RecordForm
from tasks.dead_letters.repair_settings import Settings, allow, column_of, needed

TextRepair = Callable[[str, RecordForm, Contract], str | None]
CellRepair = Callable[[str], str | None]

TICKS = {"s": 1, "ms": 1_000, "us": 1_000_000}  # in a second
_NUMBERS = (ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.FLOAT)
_TIMES = (ColumnType.DATETIME, ColumnType.DATE)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EXCEL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's day has no zone
_PLAUSIBLE = (datetime(1990, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001 - compared with times without a zone
_LOOKALIKES = str.maketrans("OoIl|", "00111")


def of_record(function: Callable[..., object]) -> TextRepair:
    """A function from record to record (None: does not apply) as a repair of text."""

    def apply(text: str, form: RecordForm, _: Contract) -> str | None:
        record = form.record(text)
        if record is None:
            return None
        found = function(dict(record))
        return form.text(found, text) if isinstance(found, dict) and found != record else None

    return apply


def _of_cell(name: str, mend: CellRepair) -> TextRepair:
    def on_record(record: Record) -> Record | None:
        cell = record.get(name)
        mended = mend(cell.strip(" \t")) if cell is not None else None
        return None if mended is None else record | {name: mended}

    return of_record(on_record)


def decimal_comma(contract: Contract, settings: Settings) -> TextRepair:
    """`1.234,56` to `1234.56`."""
    allow(settings, "column")
    name, _ = column_of(contract, settings, "column", *_NUMBERS)
    return _of_cell(name, with_point)


def with_point(text: str) -> str | None:
    """A number written with a decimal comma, with a point."""
    if not re.fullmatch(r"[+-]?(\d{1,3}([. '\u00a0\u202f]\d{3})+|\d+)?,\d+", text):
        return None
    return re.sub(r"[. '\u00a0\u202f]", "", text).replace(",", ".")


def strip_thousands(contract: Contract, settings: Settings) -> TextRepair:
    """`1,234.56`, `1 234.56` and `1'234.56` to `1234.56`."""
    allow(settings, "column")
    name, _ = column_of(contract, settings, "column", *_NUMBERS)
    return _of_cell(name, without_thousands)


def without_thousands(text: str) -> str | None:
    """A number without the marks between its thousands."""
    found = re.fullmatch(r"([+-]?\d{1,3}(?:([, '\u00a0\u202f])\d{3})(?:\2\d{3})*)(\.\d+)?", text)
    return re.sub(r"[^\d+-]", "", found[1]) + (found[3] or "") if found else None


def strip_unit(contract: Contract, settings: Settings) -> TextRepair:
    """`12.50 EUR` and `€12.50` to `12.50`."""
    allow(settings, "column")
    name, _ = column_of(contract, settings, "column", *_NUMBERS)
    return _of_cell(name, without_unit)


def without_unit(text: str) -> str | None:
    """A number without the unit before or behind it."""
    found = re.fullmatch(r"(?:[^\W\d_]{1,3}|[€$£¥%])?\s*([+-]?\d+(?:\.\d+)?)\s*(?:[^\W\d_]{1,12}|[€$£¥%])?", text)
    return found[1] if found and found[1] != text and not re.fullmatch(r"[\d.]+[eE]", text) else None


def digits(contract: Contract, settings: Settings) -> TextRepair:
    """Letters that look like digits (`1O5`) to digits."""
    allow(settings, "column")
    name, _ = column_of(contract, settings, "column", *_NUMBERS)
    return _of_cell(name, with_digits)


def with_digits(text: str) -> str | None:
    """A number whose lookalike letters are digits."""
    mended = text.translate(_LOOKALIKES)
    return mended if mended != text and re.fullmatch(r"[+-]?\d+(\.\d+)?", mended) and re.search(r"\d", text) else None


def round_decimal(contract: Contract, settings: Settings) -> TextRepair:
    """A decimal rounded to the column's scale, half to even. What is cut off is lost."""
    allow(settings, "column")
    name, column = column_of(contract, settings, "column", ColumnType.DECIMAL)
    step = Decimal(1).scaleb(-column.scale)

    def mend(text: str) -> str | None:
        number = _decimal(text)
        return None if number is None else str(number.quantize(step, ROUND_HALF_EVEN))

    return _of_cell(name, mend)


def scale(contract: Contract, settings: Settings) -> TextRepair:
    """A number in another unit: multiplied by `by`, such as 0.01 or 1/60. What has no end is rounded to the scale."""
    allow(settings, "column", "by")
    name, column = column_of(contract, settings, "column", *_NUMBERS)
    over, under = _ratio(needed(settings, "by"))
    step = Decimal(1).scaleb(-column.scale) if column.type == ColumnType.DECIMAL else None

    def mend(text: str) -> str | None:
        number = _decimal(text)
        if number is None:
            return None
        with localcontext() as context:
            context.clear_flags()
            scaled = number * over / under
            is_endless = context.flags[Inexact]
        return format(scaled.quantize(step, ROUND_HALF_EVEN) if step and is_endless else scaled.normalize(), "f")

    return _of_cell(name, mend)


def _ratio(text: str) -> tuple[Decimal, Decimal]:
    over, sign, under = text.partition("/")
    found = _decimal(over), _decimal(under) if sign else Decimal(1)
    if not found[0] or not found[1]:
        raise UsageError("the setting by=... must be a number other than 0, or one over another")
    return found[0], found[1]


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def swap_day_month(contract: Contract, settings: Settings) -> TextRepair:
    """Day and month, written in the other's place, put right."""
    allow(settings, "column")
    name, column = column_of(contract, settings, "column", *_TIMES)
    return _of_cell(name, lambda text: with_day_and_month_swapped(text, column))


def with_day_and_month_swapped(text: str, column: Column) -> str | None:
    """A time whose day was written where its formats have the month; a text that they read is left alone."""
    if read_time(text, column.formats) is not None:
        return None
    swapped = tuple(form.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m") for form in column.formats)
    found = read_time(text, tuple(form for form in swapped if form not in column.formats), column.time_zone)
    return None if found is None else write_time(found, column)


def read_date(contract: Contract, settings: Settings) -> TextRepair:
    """A time in another format, such as `%d.%m.%Y %H:%M`."""
    allow(settings, "column", "format")
    name, column = column_of(contract, settings, "column", *_TIMES)
    form = needed(settings, "format")

    def mend(text: str) -> str | None:
        found = read_time(text, (form,), column.time_zone)
        return None if found is None else write_time(found, column)

    return _of_cell(name, mend)


def epoch(contract: Contract, settings: Settings) -> TextRepair:
    """Seconds (`unit=s`), milliseconds (`ms`) or microseconds (`us`) since 1970 to a time from 1990 to 2099.

    Any number is a time in every unit: seconds taken for milliseconds are a day in 1970, which no type refuses.
    """
    allow(settings, "column", "unit")
    name, column = column_of(contract, settings, "column", *_TIMES)
    unit = settings.get("unit", "s")
    if unit not in TICKS:
        raise UsageError(f"the setting unit=... must be one of {', '.join(TICKS)}")

    def mend(text: str) -> str | None:
        found = read_epoch(text, unit, column)
        return write_time(found, column) if is_plausible(found) else None

    return _of_cell(name, mend)


def is_plausible(moment: datetime | None) -> TypeGuard[datetime]:
    """Whether a number read as a time is one that people write about."""
    return moment is not None and _PLAUSIBLE[0] <= moment < _PLAUSIBLE[1]


def read_epoch(text: str, unit: str, column: Column) -> datetime | None:
    """Ticks since 1970 as a time on the column's clock."""
    if not re.fullmatch(r"-?\d{1,18}(\.0+)?", text):
        return None
    try:
        moment = _EPOCH + timedelta(microseconds=int(text.partition(".")[0]) * 1_000_000 // TICKS[unit])
    except OverflowError:
        return None
    return moment.astimezone(ZoneInfo(column.time_zone or "UTC")).replace(tzinfo=None)


def serial_day(contract: Contract, settings: Settings) -> TextRepair:
    """A spreadsheet's day number (`46000.5`) to a time from 1990 to 2099."""
    allow(settings, "column")
    name, column = column_of(contract, settings, "column", *_TIMES)

    def mend(text: str) -> str | None:
        found = read_serial_day(text)
        return write_time(found, column) if is_plausible(found) else None

    return _of_cell(name, mend)


def read_serial_day(text: str) -> datetime | None:
    """Days since the end of 1899, as spreadsheets count them, to the whole second."""
    if not re.fullmatch(r"[1-9]\d{4}(\.\d+)?", text):
        return None
    return _EXCEL_ZERO + timedelta(seconds=round(Decimal(text) * 86_400))


def write_time(moment: datetime, column: Column) -> str:
    """A time in the first of a column's formats that keeps all of it; one with a zone gets the zone written."""
    zone = UTC if column.time_zone is None else ZoneInfo(column.time_zone)
    for form in column.formats:
        written = moment.replace(tzinfo=zone).strftime(python_format(form))
        if read_time(written, (form,), column.time_zone) == moment:
            return written
    return moment.replace(tzinfo=zone).strftime(python_format(column.formats[0]))


def map_values(contract: Contract, settings: Settings) -> TextRepair:
    """Other spellings of known values: `map_values:column=event,clik=click`."""
    name, _ = column_of(contract, settings)
    known = {old: new for old, new in settings.items() if old != "column"}
    return _of_cell(name, known.get)


def swap_values(contract: Contract, settings: Settings) -> TextRepair:
    """Two columns, written in each other's place, put right: `swap_values:a=start,b=end`."""
    allow(settings, "a", "b")
    first, _ = column_of(contract, settings, "a")
    second, _ = column_of(contract, settings, "b")
    return of_record(lambda record: record | {first: record.get(second), second: record.get(first)})


BUILT_IN: dict[str, Callable[[Contract, Settings], TextRepair]] = {
    repair.__name__: repair
    for repair in (
        decimal_comma,
        strip_thousands,
        strip_unit,
        digits,
        round_decimal,
        scale,
        swap_day_month,
        read_date,
        epoch,
        serial_day,
        map_values,
        swap_values,
    )
}
