"""Repairs: pure functions from a broken text or record to a whole one, named in a line such as `epoch:column=start`.

Several are written with a semicolon between them; each that applies is applied, in this order.
A repair gives None where it does not apply; nothing is forced. What it gives goes through ingest and the gate like
anything else, so a wrong repair releases nothing that the contract and the suite refuse.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from expectations.contract import Contract
from expectations.errors import UsageError
from tasks.dead_letters import repair_cells, repair_lines
from tasks.dead_letters.records import RecordForm

TextRepair = Callable[[str, RecordForm, Contract], str | None]
Settings = Mapping[str, str]

BUILT_IN: dict[str, Callable[[Contract, Settings], TextRepair]] = repair_lines.BUILT_IN | repair_cells.BUILT_IN


class Repair(NamedTuple):
    """A repair ready to use. Equal digests repair equally: the digest covers name, settings and source code."""

    name: str
    apply: TextRepair
    digest: str


def find_repair(text: str, contract: Contract) -> Repair:
    """The repair a line names: one of the contract's, or a built-in with its settings, `NAME[:KEY=VALUE,...]`.

    Raises:
        UsageError: there is none of this name, or its settings are wrong.
    """
    parts = [part.strip().replace("\0", ";") for part in text.replace("\\;", "\0").split(";")]
    if len(parts) == 1:
        return _one_repair(parts[0], contract)
    repairs = [_one_repair(part, contract) for part in parts]
    return Repair(text, _in_turn([repair.apply for repair in repairs]), _digest(*(repair.digest for repair in repairs)))


def chain(lines: Sequence[str]) -> str:
    """Several repairs as one line."""
    return "; ".join(line.replace(";", "\\;") for line in lines) if len(lines) > 1 else lines[0]


def _in_turn(steps: Sequence[TextRepair]) -> TextRepair:
    def apply(text: str, form: RecordForm, contract: Contract) -> str | None:
        mended: str | None = None
        for step in steps:
            mended = step(text if mended is None else mended, form, contract) or mended
        return mended

    return apply


def _one_repair(text: str, contract: Contract) -> Repair:
    if listed := contract.repairs.get(text):
        if listed.use is not None:
            return find_repair(listed.use, contract.model_copy(update={"repairs": {}}))._replace(name=text)
        assert listed.function is not None
        function = _load(text, listed.function)
        wrapped = _of_text(function) if listed.takes == "raw" else repair_cells.of_record(function)
        return Repair(text, wrapped, _digest(listed.takes, listed.function, _source(function)))
    name, settings = parse_line(text)
    if name not in BUILT_IN:
        known = ", ".join(sorted([*contract.repairs, *BUILT_IN]))
        raise UsageError(f"there is no repair {name!r}; there are {known}")
    return Repair(text, BUILT_IN[name](contract, settings), _digest(text, _source(BUILT_IN[name])))


def parse_line(text: str) -> tuple[str, dict[str, str]]:
    r"""The name and settings of `NAME:KEY=VALUE,...`; a comma in a value is written `\,`."""
    name, _, rest = text.partition(":")
    settings: dict[str, str] = {}
    for part in rest.replace("\\,", "\0").split(",") if rest else ():
        key, sign, value = part.replace("\0", ",").partition("=")
        if not sign or not key:
            raise UsageError(f"repair {text!r}: settings are written KEY=VALUE, separated by commas, not {part!r}")
        settings[key] = value
    return name, settings


def write_line(name: str, **settings: str) -> str:
    """The opposite of `parse_line`."""
    written = ",".join(f"{key}={value}".replace(",", "\\,") for key, value in settings.items())
    return f"{name}:{written}" if written else name


def _load(name: str, place: str) -> Callable[..., object]:
    module, _, function = place.partition(":")
    try:
        found = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise UsageError(f"repairs.{name}: {place!r} cannot be loaded: {error}") from None
    if not callable(found):
        raise UsageError(f"repairs.{name}: {place!r} is not a function")
    return found  # type: ignore[no-any-return]  # it is called with what the contract says it takes


def _of_text(function: Callable[..., object]) -> TextRepair:
    def apply(text: str, _form: RecordForm, _contract: Contract) -> str | None:
        found = function(text)
        return found if isinstance(found, str) else None

    return apply


def _source(function: Callable[..., object]) -> str:
    """The code of the module a function stands in: it may use what stands beside it."""
    module = inspect.getmodule(function)
    return inspect.getsource(module) if module is not None else ""


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
