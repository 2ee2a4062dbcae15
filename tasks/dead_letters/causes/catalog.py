"""Every cause by name: what it is, in words, and what to do about it."""

from __future__ import annotations

from typing import NamedTuple

from tasks.dead_letters.causes import of_cells, of_drift, of_lines, of_rules
from tasks.dead_letters.causes.specimen import Diagnosis, Setting, Specimen

UNKNOWN, AMBIGUOUS = "unknown", "ambiguous_fields"


class Cause(NamedTuple):
    """A likely cause."""

    title: str
    advice: str


CAUSES = {
    "unquoted_delimiter": Cause(
        "columns shifted by an unquoted delimiter", "quote the text at the source; the repair joins the parts again"
    ),
    "extra_fields": Cause("fields behind the last column", "tell the contract of the new column, or drop the fields"),
    AMBIGUOUS: Cause(
        "more fields than columns, which can be read in several ways",
        "look at the lines: nothing says which of the repairs gives what was meant",
    ),
    "decimal_comma": Cause("a comma for the decimal point", "replay with the repair, or mend the export's locale"),
    "repeated_header": Cause("the header repeated inside the file", "discard them: no row is lost"),
    "truncated_last_line": Cause("the file ends in the middle of its last record", "fetch the file again"),
    "cut_off_record": Cause("the record is cut off", "the rest is not in this file: ask the source for it"),
    "missing_field": Cause("a field is missing in the middle of the record", "ask the source; nothing says which"),
    "shifted_columns": Cause("values stand one column off", "look at how the source writes missing values"),
    "unclosed_quote": Cause("a quote that is opened and never closed", "replay with the repair, which drops the quote"),
    "text_after_quote": Cause(
        "text behind a closing quote", "replay with the repair, which drops that text, if it means nothing"
    ),
    "inner_quotes": Cause("quotes inside a quoted text, not doubled", "replay with the repair, which doubles them"),
    "nul_byte": Cause("NUL bytes in the record", "replay with the repair; look for a crash or a full disk"),
    "other_encoding": Cause("bytes of another encoding", "replay with the repair, if the letters it gives are right"),
    "mojibake": Cause("UTF-8 that was read in another encoding (mojibake)", "replay with the repair"),
    "thousands_separator": Cause("marks between the thousands", "replay with the repair"),
    "lookalike_digits": Cause(
        "letters for digits (O for 0, l for 1)", "replay with the repair; look for typed-in data"
    ),
    "unit_in_number": Cause("a unit written into the number", "replay with the repair, if all mean the same unit"),
    "too_precise": Cause(
        "more digits after the point than the contract keeps", "raise `scale`, or round by the repair"
    ),
    "fraction_in_integer": Cause("a fraction where whole numbers are expected", "ask whether the column has changed"),
    "number_too_large": Cause("a whole number beyond 64 bits", "keep it as text: change the contract's type"),
    "garbled_number": Cause("digits mixed with other characters", "ask the source: the number cannot be told"),
    "text_in_number": Cause(
        "text in a column of numbers", "ask the source; add it to `null_values` if it means missing"
    ),
    "day_month_swap": Cause("day and month swapped", "replay with the repair; days up to 12 pass unnoticed: ask"),
    "other_date_format": Cause("times in another format", "replay with the repair, or add the format to the contract"),
    "epoch_seconds": Cause("times as seconds since 1970", "replay with the repair"),
    "epoch_milliseconds": Cause("times as milliseconds since 1970", "replay with the repair"),
    "epoch_microseconds": Cause("times as microseconds since 1970", "replay with the repair"),
    "spreadsheet_day": Cause("times as a spreadsheet's day numbers", "replay with the repair"),
    "impossible_date": Cause("a day or an hour that does not exist", "ask the source: the time cannot be told"),
    "text_in_date": Cause("text in a column of times", "ask the source; add it to `null_values` if it means missing"),
    "clocks_changed": Cause(
        "a local time that the clocks show twice or never", "ask the source for offsets from UTC; nothing says which"
    ),
    "zone_not_expected": Cause("moments that have a time zone", "name a `time_zone` in the contract, then replay"),
    "new_column": Cause("a column that is new", "tell the contract of it, or change `drift.extra`, then replay"),
    "column_under_an_alias": Cause(
        "a column under another name", "change its name in the contract, or `drift.renamed`, then replay"
    ),
    "column_gone": Cause(
        "a column that is gone", "ask the source, or take it out of the contract, or change `drift.missing`"
    ),
    "columns_reordered": Cause(
        "columns in another order", "change their order in the contract, or `drift.reordered`, then replay"
    ),
    "missing_value": Cause("a value that must be there is missing", "ask the source, or let the suite allow it"),
    "new_category": Cause("a category that is new", "add it to the suite's value set if it is right, then replay"),
    "misspelt_category": Cause("a known category, spelt otherwise", "replay with the repair"),
    "unit_change": Cause("values in another unit", "replay with the repair; smaller values pass unnoticed: ask"),
    "value_too_large": Cause(
        "a value larger than the suite allows", "look at the rows; widen the rule if they are right"
    ),
    "value_too_small": Cause(
        "a value smaller than the suite allows", "look at the rows; widen the rule if they are right"
    ),
    "negative_value": Cause("a negative value", "ask whether it is a reversal, which the suite may allow"),
    "text_too_long": Cause("a text longer than the suite allows", "look at the rows; widen the rule if they are right"),
    "stray_padding": Cause("blanks or quotes around the value", "trim it at the source"),
    "times_in_wrong_order": Cause("an end before its start", "ask which of the two is wrong, or if they are swapped"),
    "conflicting_rows": Cause("rows of one key that differ", "ask which is right, and discard the other"),
    "whole_file": Cause("the file as a whole", "mend the file or the contract, then replay"),
    UNKNOWN: Cause("unknown", "look at the lines: `show ID`"),
}

_DETECTORS = (*of_lines.DETECTORS, *of_cells.DETECTORS, *of_drift.DETECTORS, *of_rules.DETECTORS)


def diagnose(specimen: Specimen, setting: Setting) -> list[Diagnosis]:
    """The causes that fit a letter by the first detector that knows it, the likeliest first; empty for unknown."""
    for detect in _DETECTORS:
        if found := detect(specimen, setting):
            return found
    return []
