"""What a dataset's roles are called in sentences and on axes."""

from __future__ import annotations

from dataclasses import dataclass

from expectations.contract import Contract
from tasks.report.text import shown


@dataclass(frozen=True)
class Words:
    """Names taken from the contract; plain words where a role is not filled."""

    entity: str = "entity"
    entities: str = "entities"
    category: str = "category"
    value: str = "value"
    value_unit: str | None = None
    is_timed: bool = False  # whether rows have durations

    @property
    def value_with_unit(self) -> str:
        """The value as an axis or a column head names it: value (EUR)."""
        return f"{self.value} ({self.value_unit})" if self.value_unit else self.value


def words_of(contract: Contract) -> Words:
    """The words for one dataset."""
    roles = contract.roles
    entity = _plain(roles.entity).removesuffix(" id") if roles.entity else "entity"
    return Words(
        entity=entity,
        entities=plural(entity),
        category=_plain(roles.category) if roles.category else "category",
        value=_plain(roles.value) if roles.value else "value",
        value_unit=contract.columns[roles.value].unit if roles.value else None,
        is_timed=roles.end is not None or roles.duration is not None,
    )


def plural(noun: str) -> str:
    """More than one of it, by the common rules of English."""
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return f"{noun}es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}s"


def counted(count: int, noun: str, written: str) -> str:
    """A number with its noun: 1 row, 2 rows."""
    return f"{written} {noun if count == 1 else plural(noun)}"


def _plain(column: str) -> str:
    return shown(column.replace("_", " ").strip())
