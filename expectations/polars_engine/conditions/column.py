"""Row rules about one column: each function says when a value meets the expectation."""

from __future__ import annotations

import datetime as dt
import json

import jsonschema
import polars as pl
from dateutil.parser import parse as parse_date

from expectations.polars_engine.conditions.distinct import by_distinct, each, is_one_of
from expectations.polars_engine.conditions.literals import bound, lower, members, upper
from expectations.polars_engine.conditions.regex import contains, like_pattern
from expectations.polars_engine.conditions.subject import Subject
from expectations.polars_engine.conditions.subject import is_present as has_value


def is_present(subject: Subject) -> pl.Expr:
    """There is a value."""
    return has_value(subject.names[0], subject.dtype)


def is_missing(subject: Subject) -> pl.Expr:
    """There is no value."""
    return ~has_value(subject.names[0], subject.dtype)


def is_between(subject: Subject) -> pl.Expr:
    """The value lies within the bounds.

    Raises:
        ValueError: there are no bounds, or none can be within them.
    """
    low, high = subject.options.get("min_value"), subject.options.get("max_value")
    if low is not None and high is not None and bound(low, subject.dtype) > bound(high, subject.dtype):
        raise ValueError("min_value cannot be greater than max_value")
    # The column as it stands: a NaN is not in the rule's domain, and to read it as missing copies all values.
    return _within(pl.col(subject.names[0]), subject.dtype, subject)


def length_is_between(subject: Subject) -> pl.Expr:
    """The number of characters lies within the bounds."""
    return _within(length(subject.value, subject.dtype), pl.UInt32(), subject)


def length_equals(subject: Subject) -> pl.Expr:
    """The number of characters is the one given."""
    return length(subject.value, subject.dtype).eq(subject.options["value"])


def is_in_set(subject: Subject) -> pl.Expr:
    """The value is one of the set; with no set given, every value is."""
    return _is_in(subject)


def is_not_in_set(subject: Subject) -> pl.Expr:
    """The value is none of the set."""
    return pl.lit(value=True) if subject.options.get("value_set") is None else ~_is_in(subject)


def matches_regex(subject: Subject) -> pl.Expr:
    """The text has a match."""
    return contains(_text(subject), subject.options["regex"])


def matches_no_regex(subject: Subject) -> pl.Expr:
    """The text has no match."""
    return ~contains(_text(subject), subject.options["regex"])


def matches_regex_list(subject: Subject) -> pl.Expr:
    """The text has a match of any (or of all) of the patterns."""
    found = [contains(_text(subject), pattern) for pattern in subject.options["regex_list"]]
    return _any_or_all(found, subject.options.get("match_on"))


def matches_no_regex_of_list(subject: Subject) -> pl.Expr:
    """The text has a match of none of the patterns."""
    return ~pl.any_horizontal(contains(_text(subject), pattern) for pattern in subject.options["regex_list"])


def matches_like(subject: Subject) -> pl.Expr:
    """The text is like the SQL pattern."""
    return _is_like(subject, subject.options["like_pattern"])


def matches_no_like(subject: Subject) -> pl.Expr:
    """The text is not like the SQL pattern."""
    return ~_is_like(subject, subject.options["like_pattern"])


def matches_like_list(subject: Subject) -> pl.Expr:
    """The text is like any (or all) of the SQL patterns."""
    found = [_is_like(subject, pattern) for pattern in subject.options["like_pattern_list"]]
    return _any_or_all(found, subject.options.get("match_on"))


def matches_no_like_of_list(subject: Subject) -> pl.Expr:
    """The text is like none of the SQL patterns."""
    return ~pl.any_horizontal(_is_like(subject, pattern) for pattern in subject.options["like_pattern_list"])


def matches_strftime(subject: Subject) -> pl.Expr:
    """The text is a date in the format given, as Python's `strptime` reads it."""
    _needs_text(subject, "match_strftime_format")
    pattern: str = subject.options["strftime_format"]

    def is_date(text: str) -> bool:
        try:
            dt.datetime.strptime(text, pattern)  # noqa: DTZ007  # only whether it parses
        except ValueError:
            return False
        return True

    return each(subject.value_in_domain, is_date)


def is_dateutil_parseable(subject: Subject) -> pl.Expr:
    """The text is something dateutil can read as a date."""
    _needs_text(subject, "be_dateutil_parseable")

    def is_date(text: str) -> bool:
        try:
            parse_date(text)
        except (ValueError, OverflowError):
            return False
        return True

    return each(subject.value_in_domain, is_date)


def is_json_parseable(subject: Subject) -> pl.Expr:
    """The text is JSON."""
    if not isinstance(subject.dtype, pl.String):
        return pl.lit(value=False)

    def is_json(text: str) -> bool:
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            return False
        return True

    return each(subject.value_in_domain, is_json)


def matches_json_schema(subject: Subject) -> pl.Expr:
    """The text is JSON that fits the schema.

    Raises:
        ValueError: when it runs and a text is not JSON; the expectation then fails with that error.
    """
    schema = subject.options["json_schema"]
    jsonschema.validators.validator_for(schema).check_schema(schema)

    def fits(text: str) -> bool:
        try:
            jsonschema.validate(json.loads(text), schema)
        except jsonschema.ValidationError:
            return False
        except json.JSONDecodeError as error:
            raise ValueError(f"a value of {subject.names[0]} is not JSON: {error.msg}") from None
        return True

    return each(subject.value_in_domain, fits)


def as_text(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A value as the text that Python would print for it."""
    if isinstance(dtype, pl.String):
        return value
    if isinstance(dtype, pl.Boolean):
        return pl.when(value).then(pl.lit("True")).otherwise(pl.lit("False"))
    return value.cast(pl.String)


def length(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """How many characters the value has as text."""
    return as_text(value, dtype).str.len_chars()


def _text(subject: Subject) -> pl.Expr:
    return as_text(subject.value, subject.dtype)


def _within(value: pl.Expr, dtype: pl.DataType, subject: Subject) -> pl.Expr:
    low, high = subject.options.get("min_value"), subject.options.get("max_value")
    if low is None and high is None:
        raise ValueError("min_value and max_value cannot both be None")
    parts = []
    if low is not None:
        parts.append(lower(value, low, dtype, strict=bool(subject.options.get("strict_min"))))
    if high is not None:
        parts.append(upper(value, high, dtype, strict=bool(subject.options.get("strict_max"))))
    return pl.all_horizontal(parts)


def _is_in(subject: Subject) -> pl.Expr:
    wanted = subject.options.get("value_set")
    if wanted is None:
        return pl.lit(value=True)
    known = members(wanted, subject.dtype)
    value = subject.value.cast(pl.String) if isinstance(subject.dtype, pl.Categorical | pl.Enum) else subject.value
    return is_one_of(value, known)


def _is_like(subject: Subject, pattern: str) -> pl.Expr:
    regex = like_pattern(pattern, subject.options.get("escape"))
    return by_distinct(_text(subject), lambda values: values.str.contains(regex))


def _any_or_all(found: list[pl.Expr], match_on: str | None) -> pl.Expr:
    if match_on not in (None, "any", "all"):
        raise ValueError("match_on must be either 'any' or 'all'")
    return pl.all_horizontal(found) if match_on == "all" else pl.any_horizontal(found)


def _needs_text(subject: Subject, what: str) -> None:
    if not isinstance(subject.dtype, pl.String):
        raise TypeError(f"{subject.names[0]} is {subject.dtype}, but only text can {what}")
