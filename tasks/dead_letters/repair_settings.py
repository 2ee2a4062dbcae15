"""The settings of a repair, read with errors that say what there is."""

from __future__ import annotations

from collections.abc import Mapping

from expectations.contract import Column, ColumnType, Contract
from expectations.errors import UsageError

Settings = Mapping[str, str]


def allow(settings: Settings, *names: str) -> None:
    """Refuse settings of other names.

    Raises:
        UsageError: there is one.
    """
    if unknown := sorted(set(settings) - set(names)):
        known = ", ".join(names) or "none"
        raise UsageError(f"this repair has no setting {unknown[0]!r}; it has {known}")


def column_of(contract: Contract, settings: Settings, key: str = "column", *types: ColumnType) -> tuple[str, Column]:
    """The column a setting names.

    Raises:
        UsageError: it is not given, not of the contract, of a type that the repair is not for, or of numbers that are
            written otherwise than repairs write them.
    """
    name = needed(settings, key)
    if name not in contract.columns:
        raise UsageError(f"the contract has no column {name!r}; it has {', '.join(contract.columns)}")
    column = contract.columns[name]
    if types and column.type not in types:
        raise UsageError(f"this repair is for columns of type {' or '.join(types)}; {name!r} is {column.type}")
    if types and column.number_format is not None:
        raise UsageError(
            f"this repair writes numbers as 1234.56, and {name!r} has number_format: {column.number_format}; "
            "list a repair of your own in the contract (docs/dead_letters.md)"
        )
    return name, column


def needed(settings: Settings, key: str) -> str:
    """A setting that must be there.

    Raises:
        UsageError: it is not.
    """
    if key not in settings:
        raise UsageError(f"this repair needs the setting {key}=...")
    return settings[key]
