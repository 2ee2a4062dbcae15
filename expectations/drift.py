"""Drift policies: what is done with a file whose columns are not those of the contract (docs/contract.md)."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator


class DriftPolicy(StrEnum):
    """What is done about one kind of drift; what each means for each kind is a table in docs/contract.md."""

    EVOLVE = "evolve"
    FREEZE = "freeze"
    DISCARD_ROW = "discard_row"
    DISCARD_VALUE = "discard_value"
    FAIL = "fail"


_SENSELESS = {
    "missing": "a column that is not there has no values to discard; `evolve` reads it as missing values",
    "reordered": "where a column stands is no fault of any value; `evolve` reads columns by name, wherever they stand",
}


class Drift(BaseModel):
    """The policy for each kind of drift."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    extra: DriftPolicy = DriftPolicy.FREEZE
    missing: DriftPolicy = DriftPolicy.EVOLVE
    renamed: DriftPolicy = DriftPolicy.EVOLVE
    reordered: DriftPolicy = DriftPolicy.EVOLVE
    retyped: DriftPolicy = DriftPolicy.FREEZE

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        for kind, why in _SENSELESS.items():
            if getattr(self, kind) is DriftPolicy.DISCARD_VALUE:
                raise ValueError(f"`{kind}: discard_value` has no meaning: {why}")
        return self
