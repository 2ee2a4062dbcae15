"""Causes seen in a row that the gate rejected."""

from __future__ import annotations

import difflib
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from expectations.contract import ColumnType
from tasks.dead_letters.causes.specimen import Diagnosis, Rule, Setting, Specimen
from tasks.dead_letters.cells import read_time
from tasks.dead_letters.models import Reason
from tasks.dead_letters.records import Record
from tasks.dead_letters.repair_lines import unscrambled
from tasks.dead_letters.repairs import write_line
from tasks.models import Stage

_UNITS = (1000, 100, 60, 3600)  # milliseconds, cents, seconds and minutes, seconds and hours
_ALIKE = 0.8


def rejected_by_rule(specimen: Specimen, setting: Setting) -> list[Diagnosis]:
    """The first failed rule, and what in its cells may have made it fail."""
    if specimen.stage != Stage.GATE or specimen.record is None:
        return []
    for reason in specimen.failed:
        if found := _of_reason(reason, setting.rule(reason), specimen.record, setting):
            return found
    return []


def _of_reason(reason: Reason, rule: Rule, record: Record, setting: Setting) -> list[Diagnosis]:
    if _is_conflict(rule, reason):
        return [Diagnosis("conflicting_rows")]
    if reason.column is None:
        return _of_pair(rule, record, setting)
    text = record.get(reason.column)
    if text is None or text.strip() in setting.contract.null_values:
        return [Diagnosis("missing_value", reason.column)]
    return _of_cell(reason.column, text.strip(), rule, setting)


def _is_conflict(rule: Rule, reason: Reason) -> bool:
    """Whether the rule is one of uniqueness: the only ones that name a key and nothing to hold it against."""
    given = set(rule.kwargs) - {"mostly", "ignore_row_if", "row_condition", "condition_parser"}
    return given == {"column_list"} or "unique" in reason.code


def _of_pair(rule: Rule, record: Record, setting: Setting) -> list[Diagnosis]:
    """A rule over two columns: times in the wrong order."""
    later, earlier = rule.kwargs.get("column_A"), rule.kwargs.get("column_B")
    if not isinstance(later, str) or not isinstance(earlier, str):
        return []
    columns = setting.contract.columns
    if any(name not in columns or not columns[name].formats for name in (later, earlier)):
        return []
    times = [read_time((record.get(name) or "").strip(), columns[name].formats) for name in (later, earlier)]
    return [Diagnosis("times_in_wrong_order", later)] if None not in times and times[0] < times[1] else []  # type: ignore[operator]  # neither is None


def _of_cell(name: str, text: str, rule: Rule, setting: Setting) -> list[Diagnosis]:
    known = rule.kwargs.get("value_set")
    if isinstance(known, list):
        return _of_category(name, text, [str(value) for value in known])
    if "regex" in rule.kwargs or "regex_list" in rule.kwargs:
        return _of_pattern(name, text, rule)
    if {"min_value", "max_value"} & set(rule.kwargs):
        return _of_range(name, text, rule, setting)
    return []


def _of_category(name: str, text: str, known: list[str]) -> list[Diagnosis]:
    clean = unscrambled(text)
    if clean in known:
        return [Diagnosis("mojibake", name, "fix_mojibake")]
    meant = _meant(text, known)
    if meant is None:
        return [Diagnosis("new_category", name)]
    return [Diagnosis("misspelt_category", name, write_line("map_values", column=name, **{text: meant}))]


def _meant(text: str, known: list[str]) -> str | None:
    """The known value a text seems to be a misspelling of."""
    same = [value for value in known if value.casefold().strip() == text.casefold()]
    close = same or difflib.get_close_matches(text, known, n=1, cutoff=_ALIKE)
    return close[0] if close else None


def _of_pattern(name: str, text: str, rule: Rule) -> list[Diagnosis]:
    clean = unscrambled(text)
    if clean is not None:
        return [Diagnosis("mojibake", name, "fix_mojibake")]
    is_padded = text != text.strip('"').strip()
    return [Diagnosis("stray_padding", name)] if is_padded and rule.kwargs.get("regex") else []


def _of_range(name: str, text: str, rule: Rule, setting: Setting) -> list[Diagnosis]:
    column = setting.contract.columns.get(name)
    number, low, high = (_number(value) for value in (text, rule.kwargs.get("min_value"), rule.kwargs.get("max_value")))
    if column is None or number is None:
        return _of_length(name, text, high) if column is None or column.type == ColumnType.STRING else []
    if high is not None and number > high:
        fitting = _units(number, low, high) if re.fullmatch(r"\d+", text) else []
        return _unit_changes(name, fitting, column.scale) or [Diagnosis("value_too_large", name)]
    return [Diagnosis("negative_value" if number < 0 else "value_too_small", name)]


def _of_length(name: str, text: str, high: Decimal | None) -> list[Diagnosis]:
    return [Diagnosis("text_too_long", name)] if high is not None and len(text) > high else []


def _units(number: Decimal, low: Decimal | None, high: Decimal) -> list[int]:
    """How often a smaller unit may go into the column's: such that the number is in range."""
    return [ticks for ticks in _UNITS if (low is None or number / ticks >= low) and number / ticks <= high]


def _unit_changes(name: str, units: list[int], places: int) -> list[Diagnosis]:
    """The column's own smallest unit first (cents, where it has two places)."""
    ordered = sorted(units, key=lambda ticks: ticks != 10**places)
    return [Diagnosis("unit_change", name, _rescale(name, ticks)) for ticks in ordered]


def _rescale(name: str, ticks: int) -> str:
    return write_line("scale", column=name, by=f"1/{ticks}")


def _number(value: Any) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None


DETECTORS = (rejected_by_rule,)
