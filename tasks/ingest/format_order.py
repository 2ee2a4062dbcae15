"""Which of a column's formats to try first: that of its values, where the order makes no difference.

A second format costs several times as much as the first one, which all values are cast by at once.
"""

from __future__ import annotations

import re
from itertools import takewhile

import polars as pl

from expectations.contract import Column, Contract
from tasks.ingest.row_test import has_format

_WITHIN_DIRECTIVE = re.compile(r"%[.:#_0-9-]*$")


def in_order_of_use(contract: Contract, records: pl.DataFrame) -> Contract:
    """The contract with the format first that a column's first value has, if it casts every text as before.

    Args:
        contract: columns with their formats.
        records: columns of text, or of their own types.
    """
    several = {name: column for name, column in contract.columns.items() if len(column.formats) > 1}
    ordered = {name: _ordered(column, records.get_column(name)) for name, column in several.items()}
    ordered = {name: column for name, column in ordered.items() if column is not contract.columns[name]}
    return contract.model_copy(update={"columns": contract.columns | ordered}) if ordered else contract


def are_apart(one: str, other: str) -> bool:
    """Whether no text has both of two formats: they are the same up to a sign, and go on with different ones.

    Blanks and digits may be read by what comes before or after them, so they tell nothing.
    """
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    signs = one[same : same + 1] + other[same : same + 1]
    is_telling = len(signs) == 2 and "%" not in signs and any(not sign.isspace() for sign in signs)
    return is_telling and not re.search(r"[0-9+-]", signs) and not _WITHIN_DIRECTIVE.search(one[:same])


def _ordered(column: Column, values: pl.Series) -> Column:
    first = values.first(ignore_nulls=True) if values.dtype == pl.String else None
    if not isinstance(first, str):
        return column
    place = next((place for place, form in enumerate(column.formats) if has_format(first, form)), 0)
    form, before = column.formats[place], column.formats[:place]
    if not before or not all(are_apart(form, other) for other in before):
        return column
    return column.model_copy(update={"formats": (form, *before, *column.formats[place + 1 :])})
