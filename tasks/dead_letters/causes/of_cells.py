"""Causes seen in one cell that does not cast."""

from __future__ import annotations

import re
from collections.abc import Iterator

from expectations.contract import Column, ColumnType
from expectations.time_formats import python_format
from tasks.dead_letters import repair_cells
from tasks.dead_letters.causes.specimen import Diagnosis, Setting, Specimen
from tasks.dead_letters.cells import fits, read_time
from tasks.dead_letters.repairs import write_line
from tasks.models import Stage

_NUMBERS = (ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.FLOAT)
_TIMES = (ColumnType.DATETIME, ColumnType.DATE)
_DAYS = """%d.%m.%Y|%d.%m.%y|%m/%d/%Y|%d/%m/%Y|%m/%d/%y|%d-%m-%Y|%Y/%m/%d|%Y%m%d|%Y-%m-%d
%d %b %Y|%d %B %Y|%b %d, %Y|%B %d, %Y""".replace("\n", "|").split("|")
_CLOCKS = """| %H:%M:%S| %H:%M|T%H:%M:%S|T%H:%M| %I:%M %p| %I:%M:%S %p|T%H:%M:%S%z| %H:%M:%S%z
 %H:%M:%S.%f|T%H:%M:%S.%f|T%H:%M:%S.%f%z|%H%M%S""".replace("\n", "|").split("|")
_OTHER_FORMATS = tuple(day + clock for day in _DAYS for clock in _CLOCKS)
_OF_ZONES = {"ambiguous_datetime": "clocks_changed", "unexpected_time_zone": "zone_not_expected"}
_TICK_NAMES = {"s": "epoch_seconds", "ms": "epoch_milliseconds", "us": "epoch_microseconds"}


def bad_cell(specimen: Specimen, setting: Setting) -> list[Diagnosis]:
    """The first cell that does not cast, by how it is written; others like it are mended the same way."""
    if specimen.stage != Stage.CAST:
        return []
    by_column = list(_cells(specimen, setting))
    known = [found for found in by_column if found]
    if not known:
        return []
    first, *others = known
    return [one._replace(more=tuple(_alike(one, found) for found in others if _alike(one, found))) for one in first]


def _cells(specimen: Specimen, setting: Setting) -> Iterator[list[Diagnosis]]:
    for reason in specimen.failed:
        column = setting.contract.columns.get(reason.column or "")
        text = (specimen.record or {}).get(reason.column or "")
        if reason.column is not None and column is not None and text is not None:
            yield _of_text(reason.column, text.strip(" \t"), column, reason.code, setting)


def _alike(one: Diagnosis, found: list[Diagnosis]) -> str:
    """The repair of another cell for the same cause; empty where it has none."""
    return next((other.repair for other in found if other.cause == one.cause and other.repair), "")


def _of_text(name: str, text: str, column: Column, code: str, setting: Setting) -> list[Diagnosis]:
    if code == "decimal_too_precise":
        return [Diagnosis("too_precise", name, write_line("round_decimal", column=name))]
    if code in _OF_ZONES:
        return [Diagnosis(_OF_ZONES[code], name)]
    if column.type in _NUMBERS:
        return _of_number(name, text, column, setting)
    if column.type in _TIMES:
        return _of_time(name, text, column)
    return []


def _of_number(name: str, text: str, column: Column, setting: Setting) -> list[Diagnosis]:
    if column.number_format is not None:  # no repair writes such numbers
        return _plain_misfit(name, text, column)
    ways = (
        ("decimal_comma", repair_cells.with_point, "decimal_comma"),
        ("thousands_separator", repair_cells.without_thousands, "strip_thousands"),
        ("lookalike_digits", repair_cells.with_digits, "digits"),
        ("unit_in_number", repair_cells.without_unit, "strip_unit"),
    )
    found = []
    for cause, mend, repair in ways:
        mended = mend(text)
        if mended is not None and fits(mended, column, setting.contract.null_values):
            found.append(Diagnosis(cause, name, write_line(repair, column=name)))
    # `1,234` is twelve hundred in one place and one point two in another: neighbours in its group decide.
    return found or _plain_misfit(name, text, column)


def _plain_misfit(name: str, text: str, column: Column) -> list[Diagnosis]:
    if column.type == ColumnType.INTEGER and re.fullmatch(r"[+-]?\d+\.\d+", text):
        return [Diagnosis("fraction_in_integer", name)]
    if re.fullmatch(r"[+-]?\d{19,}", text):
        return [Diagnosis("number_too_large", name)]
    if re.search(r"\d", text):
        return [Diagnosis("garbled_number", name)]
    return [Diagnosis("text_in_number", name)] if re.search(r"\w", text) else []


def _of_time(name: str, text: str, column: Column) -> list[Diagnosis]:
    found = _epochs(name, text, column)
    if repair_cells.with_day_and_month_swapped(text, column) is not None:
        found.append(Diagnosis("day_month_swap", name, write_line("swap_day_month", column=name)))
    for form in (*_OTHER_FORMATS, *(form.replace("%Y", "%y") for form in column.formats)):
        moment = read_time(text, (form,)) if form not in column.formats else None
        if repair_cells.is_plausible(moment) and len(found) < 4:
            found.append(Diagnosis("other_date_format", name, write_line("read_date", column=name, format=form)))
    day = repair_cells.read_serial_day(text)
    if repair_cells.is_plausible(day):
        found.append(Diagnosis("spreadsheet_day", name, write_line("serial_day", column=name)))
    return found or _no_time(name, text, column)


def _epochs(name: str, text: str, column: Column) -> list[Diagnosis]:
    found = []
    for unit, cause in _TICK_NAMES.items():
        moment = repair_cells.read_epoch(text, unit, column)
        if repair_cells.is_plausible(moment):
            found.append(Diagnosis(cause, name, write_line("epoch", column=name, unit=unit)))
    return found


def _no_time(name: str, text: str, column: Column) -> list[Diagnosis]:
    """Digits where the format has digits, and still no time: a day or an hour that does not exist."""
    shapes = {re.sub(r"%[a-zA-Z]", "0", python_format(form).replace("%Y", "0000")) for form in column.formats}
    shape = re.sub(r"\d", "0", text)
    if any(re.sub(r"0+", "0", shape) == re.sub(r"0+", "0", known) for known in shapes):
        return [Diagnosis("impossible_date", name)]
    return [Diagnosis("text_in_date", name)] if re.search(r"[^\W\d]", text) else []


DETECTORS = (bad_cell,)
