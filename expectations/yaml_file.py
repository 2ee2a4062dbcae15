"""YAML files read into pydantic models, with errors that name the file, the line and the key."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from expectations.errors import UsageError

Model = TypeVar("Model", bound=BaseModel)
_MOST_FAULTS = 20
# What pydantic says in words of its own.
_WORDS = {
    "extra_forbidden": "unknown key; take it out or correct its spelling",
    "missing": "must be given",
    "model_type": "must hold keys with values, such as `key: value`",
    "model_attributes_type": "must hold keys with values, such as `key: value`",
    "dict_type": "must hold keys with values, such as `key: value`",
    "too_short": "must not be empty",
}


def load_yaml_model(path: Path, model: type[Model]) -> Model:
    """Read one YAML file into a model.

    Args:
        path: the file.
        model: the pydantic model it must fit; unknown keys are refused where the model forbids them.

    Raises:
        UsageError: the file is missing, is not YAML, or does not fit; the message has one line a fault.
    """
    document = _read(path)
    try:
        return model.model_validate(_plain(document))
    except ValidationError as error:
        faults = [_fault(path, document, dict(one)) for one in error.errors()]
        raise UsageError("\n".join(faults)) from None


def load_right_part(path: Path, model: type[Model]) -> Model:
    """Read a YAML file that may be wrong; a key that does not fit is left out, with all that is below it.

    Raises:
        UsageError: the file is missing or is not YAML, or what is wrong is a key that is not there.
    """
    document = _plain(_read(path))
    for _ in range(_MOST_FAULTS):
        try:
            return model.model_validate(document)
        except ValidationError as error:
            _leave_out(document, error.errors()[0]["loc"])
    raise UsageError(f"{path}: more than {_MOST_FAULTS} keys are wrong")


def _leave_out(document: Any, location: tuple[Any, ...]) -> None:
    """Take out the deepest key of a location that is there."""
    node, found = document, None
    for part in location:
        if not isinstance(node, dict) or part not in node:
            break
        found, node = (node, part), node[part]
    if found is not None:
        del found[0][found[1]]


def _read(path: Path) -> Any:
    try:
        document = YAML(typ="rt", pure=True).load(path.read_text(encoding="utf-8"))
        return CommentedMap() if document is None else document  # a file of comments only says nothing
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UsageError(f"{path}:{line}: not valid YAML: {_problem(error)}") from None


def _problem(error: MarkedYAMLError) -> str:
    """What is wrong, without the values that ruamel repeats for a key that comes twice."""
    return str(error.problem).partition(" with value ")[0]


def _plain(node: Any) -> Any:
    """The document without ruamel's wrappers, so that pydantic's strictness sees plain types."""
    if isinstance(node, CommentedMap):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(value) for value in node]
    return node


def _fault(path: Path, document: Any, error: dict[str, Any]) -> str:
    location = error["loc"]
    key = ".".join(str(part) for part in location) or "(the whole file)"
    message = _WORDS.get(error["type"], error["msg"].removeprefix("Value error, "))
    return f"{path}:{_line_of(document, location)}: {key}: {message}"


def _line_of(document: Any, location: tuple[Any, ...]) -> int:
    """The line of the deepest part of a location that the document really has."""
    line = 1
    node = document
    for part in location:
        try:
            line = (node.lc.key(part) if isinstance(node, CommentedMap) else node.lc.item(part))[0] + 1
            node = node[part]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line
