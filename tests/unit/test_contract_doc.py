"""docs/contract.md has every key of a contract, in an example that loads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from ruamel.yaml import YAML

from expectations.contract import Contract
from expectations.drift import Drift, DriftPolicy

DOC = (Path(__file__).parents[2] / "docs" / "contract.md").read_text(encoding="utf-8")


def keys_of(model: type[BaseModel]) -> set[str]:
    """Every key that a model and those within it have."""
    keys = set(model.model_fields)
    for field in model.model_fields.values():
        for inner in models_within(field.annotation):
            keys |= keys_of(inner)
    return keys


def models_within(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in models_within(part)]


def test_every_key_has_an_example_that_loads() -> None:
    examples = re.findall(r"```yaml\n(.*?)```", DOC, flags=re.DOTALL)
    whole = YAML(typ="safe", pure=True).load(examples[0])
    for more in examples[1:]:
        Contract.model_validate({**whole, **YAML(typ="safe", pure=True).load(more)})
    Contract.model_validate(whole)
    named = set(re.findall(r"(\w+):", "\n".join(examples)))
    assert keys_of(Contract) <= named


def test_the_table_of_drift_has_every_kind_and_policy() -> None:
    rows = re.findall(r"^\| \*\*(\w+)\*\* \|(.*)\|$", DOC, flags=re.MULTILINE)
    assert [kind for kind, _ in rows] == list(Drift.model_fields)
    assert {len(cells.split(" | ")) for _, cells in rows} == {len(DriftPolicy)}
