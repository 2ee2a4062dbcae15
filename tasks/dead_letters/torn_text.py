"""Lines with more fields than columns, read again: whose text holds a delimiter that nobody quoted.

A line is put together only where one reading is left. Two columns of text beside each other leave two, a column of text
at the end leaves the reading that somebody added a field: then nothing is guessed, but for the blank that people write
behind a comma and programs do not.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache

from expectations.contract import ColumnType, Contract
from tasks.dead_letters.cells import fits
from tasks.dead_letters.records import RecordForm

Widths = tuple[int, ...]  # how many fields each column takes
_ENOUGH = 2  # readings: more than one is too many


def joined(fields: Sequence[str], widths: Widths, delimiter: str) -> list[str]:
    """The fields with those of one column put together again."""
    starts = [sum(widths[:at]) for at in range(len(widths))]
    return [delimiter.join(fields[start : start + width]) for start, width in zip(starts, widths, strict=True)]


def only_reading(fields: Sequence[str], form: RecordForm, contract: Contract) -> Widths | None:
    """The one way to read a line with too many fields as text torn apart; None where there is none, or another.

    Args:
        fields: of the line.
        form: how its file is written.
        contract: says what each column can hold.
    """
    by_blank = _reading_by_blank(fields, form, contract)
    if by_blank is not None:
        return by_blank
    found = readings(fields, form, contract, text_columns(form, contract))
    has_other = has_added_fields(fields, form, contract) or holds_comma(fields, form, contract) is not None
    return found[0] if len(found) == 1 and not has_other else None


def _reading_by_blank(fields: Sequence[str], form: RecordForm, contract: Contract) -> Widths | None:
    """The reading in which every field that begins with a blank belongs to the one before it, if that is a record."""
    widths: list[int] = []
    for number, field in enumerate(fields):
        if number and field.startswith(" "):
            widths[-1] += 1
        else:
            widths.append(1)
    if len(widths) != len(form.columns) or len(widths) == len(fields):
        return None
    texts = text_columns(form, contract)
    are_texts = all(name in texts for name, width in zip(form.columns, widths, strict=True) if width > 1)
    whole = joined(fields, tuple(widths), _delimiter(form))
    return tuple(widths) if are_texts and is_record(whole, form, contract) else None


def readings(fields: Sequence[str], form: RecordForm, contract: Contract, columns: Collection[str]) -> list[Widths]:
    """Ways to put a line together such that every column holds what it can; at most two, which is one too many.

    Args:
        fields: of the line.
        form: how its file is written.
        contract: says what each column can hold.
        columns: those that may take several fields.
    """
    names, delimiter = form.columns, _delimiter(form)

    @cache
    def from_column(column: int, at: int) -> list[Widths]:
        if column == len(names):
            return [()] if at == len(fields) else []
        most = len(fields) - at - (len(names) - column - 1) if names[column] in columns else 1
        found: list[Widths] = []
        for width in range(1, most + 1):
            text = delimiter.join(fields[at : at + width])
            if at + width <= len(fields) and _can_hold(names[column], text, form, contract):
                found += [(width, *rest) for rest in from_column(column + 1, at + width)]
            if len(found) >= _ENOUGH:
                break
        return found[:_ENOUGH]

    return from_column(0, 0)


def has_added_fields(fields: Sequence[str], form: RecordForm, contract: Contract) -> bool:
    """Whether the line is a record as it is, with something behind it."""
    return len(fields) > len(form.columns) and is_record(fields[: len(form.columns)], form, contract)


def holds_comma(fields: Sequence[str], form: RecordForm, contract: Contract) -> str | None:
    """The column of numbers whose decimal comma can have torn the line; the first of them."""
    if _delimiter(form) != "," or len(fields) != len(form.columns) + 1:
        return None
    for at, name in enumerate(form.columns):
        column = contract.columns.get(name)
        if column is None or column.type not in (ColumnType.DECIMAL, ColumnType.FLOAT):
            continue
        if column.number_format is None and fields[at + 1].isdigit():  # else no repair writes it
            whole = [*fields[:at], ".".join(fields[at : at + 2]), *fields[at + 2 :]]
            if is_record(whole, form, contract):
                return name
    return None


def text_columns(form: RecordForm, contract: Contract) -> tuple[str, ...]:
    """A file's columns of text."""
    known = contract.columns
    return tuple(name for name in form.columns if name not in known or known[name].type == ColumnType.STRING)


def is_record(fields: Sequence[str], form: RecordForm, contract: Contract) -> bool:
    """Whether the fields are one for each column, each what the column can hold."""
    if len(fields) != len(form.columns):
        return False
    return all(_can_hold(name, text, form, contract) for name, text in zip(form.columns, fields, strict=True))


def _can_hold(name: str, text: str, form: RecordForm, contract: Contract) -> bool:
    """Whether a column casts a text, knows it where it knows all its values, and has it where it must."""
    column = contract.columns.get(name)
    is_missing = text in contract.null_values
    if name in form.known_values and not is_missing and text not in form.known_values[name]:
        return False
    return column is None or (fits(text, column, contract.null_values) and not (column.required and is_missing))


def _delimiter(form: RecordForm) -> str:
    assert form.dialect is not None
    return form.dialect.delimiter
