"""A dead letter laid open for looking at, and what is known around it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from expectations.contract import Contract
from tasks.dead_letters.models import Reason, StoredLetter
from tasks.dead_letters.records import Record, RecordForm
from tasks.models import Stage


class Rule(NamedTuple):
    """A row-level expectation, as far as causes look at it."""

    rule_id: str | None
    code: str | None
    kwargs: Mapping[str, Any]

    def is_meant_by(self, reason: Reason) -> bool:
        """Whether a reason speaks of this rule, though the suite may have been written anew since."""
        return self.code == reason.code and reason.column in (None, self.kwargs.get("column"))


class Setting(NamedTuple):
    """What is known apart from the letter itself."""

    contract: Contract
    form: RecordForm
    rules: tuple[Rule, ...] = ()
    last_line: int | None = None  # of the file, where it is known

    def rule(self, reason: Reason) -> Rule:
        """The rule a reason speaks of; one that says nothing where the suite has none like it."""
        same = (rule for rule in self.rules if rule.rule_id is not None and rule.rule_id == reason.rule_id)
        alike = (rule for rule in self.rules if rule.is_meant_by(reason))
        return next(same, None) or next(alike, Rule(None, None, {}))


class Specimen(NamedTuple):
    """A letter with its text decoded and taken apart."""

    letter: StoredLetter
    text: str
    fields: tuple[str, ...]  # none where the file has no fields
    record: Record | None  # none where the text does not come apart into the file's columns

    @property
    def stage(self) -> Stage:
        """Where it was rejected."""
        return self.letter.stage

    @property
    def failed(self) -> tuple[Reason, ...]:
        """The reasons that were found, without those an earlier failure hides."""
        return tuple(reason for reason in self.letter.reasons if reason.status != "unknown")

    @property
    def codes(self) -> frozenset[str]:
        """Codes of what failed."""
        return frozenset(reason.code for reason in self.failed)


class Diagnosis(NamedTuple):
    """A cause that fits one letter. Equal ones, over many letters, support each other."""

    cause: str
    column: str | None = None
    repair: str | None = None
    more: tuple[str, ...] = ()  # the same repair for other columns of the record
    choices: tuple[str, ...] = ()  # repairs of which nothing says which is right

    @property
    def main(self) -> Diagnosis:
        """Without what differs between letters of one cause."""
        return self._replace(more=())


def lay_open(letter: StoredLetter, raw: bytes, form: RecordForm) -> Specimen:
    """A letter ready to be looked at."""
    text = form.decode(raw)
    fields = tuple(form.fields(text)) if form.is_delimited else ()
    return Specimen(letter, text, fields, form.record(text))


def rules_of(suite_text: str) -> tuple[Rule, ...]:
    """The suite's expectations."""
    expectations = json.loads(suite_text).get("expectations", [])
    return tuple(
        Rule(one.get("id"), (one.get("meta") or {}).get("code"), one.get("kwargs") or {})
        for one in expectations
        if isinstance(one, dict)
    )
