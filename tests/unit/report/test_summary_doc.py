"""docs/summary.md says what is in summary.json: no more, no less, in the same order."""

import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tasks.models import RunSummary

DOC = Path(__file__).parents[3] / "docs" / "summary.md"


def models_within(annotation: Any) -> list[type[BaseModel]]:
    """The models that a field's type mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in models_within(part)]


def reachable(model: type[BaseModel]) -> dict[str, list[str]]:
    """Every model that a summary is made of, with its fields."""
    found = {model.__name__: list(model.model_fields)}
    for field in model.model_fields.values():
        for inner in models_within(field.annotation):
            found |= reachable(inner)
    return found


def test_the_documentation_lists_every_field() -> None:
    sections = re.split(r"^## ", DOC.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    documented = {
        section.split("\n", 1)[0].strip(): re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE)
        for section in sections
    }
    assert documented == reachable(RunSummary)


def test_the_documentation_names_the_version() -> None:
    version = RunSummary.model_fields["schema_version"].default
    assert f"`schema_version` is {version}." in DOC.read_text(encoding="utf-8")
