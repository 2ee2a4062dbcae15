"""Causes seen in a whole line: it comes apart into the wrong fields, or not at all."""

from __future__ import annotations

from tasks.dead_letters.causes.specimen import Diagnosis, Setting, Specimen
from tasks.dead_letters.cells import fits, misfits
from tasks.dead_letters.records import RecordForm
from tasks.dead_letters.repair_lines import (
    decode_as,
    double_inner_quotes,
    drop_open_quote,
    drop_text_after_quote,
)
from tasks.dead_letters.repairs import chain, write_line
from tasks.dead_letters.torn_text import (
    Widths,
    has_added_fields,
    holds_comma,
    is_record,
    only_reading,
    readings,
    text_columns,
)
from tasks.models import Stage


def repeated_header(specimen: Specimen, setting: Setting) -> list[Diagnosis]:
    """The record is the header again."""
    own = [_key(field) for field in specimen.fields]
    is_header = bool(own) and own == [_key(name) for name in setting.form.header]
    return [Diagnosis("repeated_header")] if is_header else []


def truncated_last_line(specimen: Specimen, setting: Setting) -> list[Diagnosis]:
    """The file's last record is incomplete."""
    is_last = setting.last_line is not None and specimen.letter.last_line >= setting.last_line
    is_short = bool({"too_few_fields", "bad_json", "bad_quote"} & specimen.codes) or _lacks_end(specimen, setting)
    return [Diagnosis("truncated_last_line")] if is_last and is_short else []


def _lacks_end(specimen: Specimen, setting: Setting) -> bool:
    """Whether the last field alone fails to cast: it may be cut short."""
    record = specimen.record
    return record is not None and misfits(record, setting.contract) == [setting.form.columns[-1]]


def surplus_fields(specimen: Specimen, setting: Setting) -> list[Diagnosis]:
    """More fields than columns: a delimiter nobody quoted, a decimal comma, or fields behind the last column."""
    fields, form, contract = specimen.fields, setting.form, setting.contract
    if "too_many_fields" not in specimen.codes or len(fields) <= len(form.columns):
        return []
    only = only_reading(fields, form, contract)
    if only is not None:
        return [Diagnosis("unquoted_delimiter", _first_torn(only, form), "join_torn_text")]
    found = []
    if (number := holds_comma(fields, form, contract)) is not None:
        found.append(Diagnosis("decimal_comma", number, write_line("join_decimal_comma", column=number)))
    if has_added_fields(fields, form, contract):
        found.append(Diagnosis("extra_fields", None, chain(["join_torn_text", "drop_extra_fields"])))
    for name in text_columns(form, contract):
        if len(readings(fields, form, contract, {name})) == 1:
            forced = chain(["join_torn_text", write_line("join_fields", column=name)])
            found.append(Diagnosis("unquoted_delimiter", name, forced))
    return found


def _first_torn(widths: Widths, form: RecordForm) -> str:
    return next(name for name, width in zip(form.columns, widths, strict=True) if width > 1)


def lacking_fields(specimen: Specimen, setting: Setting) -> list[Diagnosis]:
    """Fewer fields than columns."""
    if "too_few_fields" not in specimen.codes:
        return []
    *whole, _last = specimen.fields or ("",)
    known = zip(setting.form.columns, whole, strict=False)
    contract = setting.contract
    fit = all(
        fits(cell, contract.columns[name], contract.null_values) for name, cell in known if name in contract.columns
    )
    return [Diagnosis("cut_off_record" if fit else "missing_field")]


def cut_off_object(specimen: Specimen, _: Setting) -> list[Diagnosis]:
    """A JSON object that ends too early."""
    text = specimen.text.strip()
    is_cut = "bad_json" in specimen.codes and text.startswith("{") and not text.endswith("}")
    return [Diagnosis("cut_off_record")] if is_cut else []


def broken_quotes(specimen: Specimen, setting: Setting) -> list[Diagnosis]:
    """Quotes that do not pair up: told apart by what mends them."""
    if "bad_quote" not in specimen.codes:
        return []
    named = {
        "unclosed_quote": drop_open_quote,
        "text_after_quote": drop_text_after_quote,
        "inner_quotes": double_inner_quotes,
    }
    for cause, repair in named.items():
        if repair(setting.contract, {})(specimen.text, setting.form, setting.contract) is not None:
            return [Diagnosis(cause, repair=repair.__name__)]
    return [Diagnosis("unclosed_quote")] if _is_open(specimen, setting) else []


def _is_open(specimen: Specimen, setting: Setting) -> bool:
    dialect = setting.form.dialect
    return dialect is not None and dialect.quote is not None and specimen.text.count(dialect.quote) % 2 == 1


def nul_byte(specimen: Specimen, _: Setting) -> list[Diagnosis]:
    """A byte that no text has."""
    return [Diagnosis("nul_byte", repair="drop_nul")] if "\0" in specimen.text else []


def other_encoding(specimen: Specimen, setting: Setting) -> list[Diagnosis]:
    """Bytes that are none in the file's encoding, and letters in another."""
    if "invalid_encoding" not in specimen.codes:
        return []
    read = decode_as(setting.contract, {"encoding": "cp1252"})(specimen.text, setting.form, setting.contract)
    return [Diagnosis("other_encoding", repair="decode_as:encoding=cp1252" if read is not None else None)]


def shifted_columns(specimen: Specimen, setting: Setting) -> list[Diagnosis]:
    """Several columns fail to cast, and would not if all of them stood one place to the left or right."""
    record = specimen.record
    if specimen.stage != Stage.CAST or record is None or len(misfits(record, setting.contract)) < 2:
        return []
    fields = list(specimen.fields or [record.get(name) or "" for name in setting.form.columns])
    for at in range(len(fields)):
        moved_left = [*fields[:at], *fields[at + 1 :], ""]
        moved_right = [*fields[:at], "", *fields[at:-1]]
        if (is_record(moved_left, setting.form, setting.contract) and fields[at] == "") or (
            is_record(moved_right, setting.form, setting.contract) and fields[-1] == ""
        ):
            return [Diagnosis("shifted_columns")]
    return []


def _key(name: str) -> str:
    return name.replace("\ufeff", "").strip().strip('"').casefold()


DETECTORS = (
    repeated_header,
    truncated_last_line,
    nul_byte,
    other_encoding,
    surplus_fields,
    broken_quotes,
    cut_off_object,
    lacking_fields,
    shifted_columns,
)
