"""Dead letters by reason, with samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tasks.report.facts import DeadLetterDigest, LetterSample, ReasonCount
from tasks.report.numbers import Numbers
from tasks.report.text import shown
from tasks.report.words import counted

REASONS_TABLE, SAMPLES_TABLE = "dead_letters_by_reason", "dead_letters_sample"
_STAGES = {"parse": "while parsing", "cast": "while typing", "gate": "at the gate"}


class SampleView(NamedTuple):
    """One dead letter."""

    place: str
    others: str
    note: str
    shown: str | None


class ReasonView(NamedTuple):
    """One reason and its samples."""

    amount: str
    title: str
    code: str
    stage: str
    width: float
    detail: str
    samples: tuple[SampleView, ...]


class LettersView(NamedTuple):
    """The dead letters' part of the page."""

    intro: str
    reasons: tuple[ReasonView, ...]
    csv: str
    samples_csv: str


def view_letters(letters: DeadLetterDigest, paths: Mapping[str, str], numbers: Numbers) -> LettersView:
    """Every reason, the most frequent first."""
    most = max((reason.records for reason in letters.by_reason), default=1) or 1
    return LettersView(
        intro=_intro(letters, numbers),
        reasons=tuple(_reason(reason, most, numbers) for reason in letters.by_reason),
        csv=paths.get(REASONS_TABLE, ""),
        samples_csv=paths.get(SAMPLES_TABLE, ""),
    )


def _intro(letters: DeadLetterDigest, numbers: Numbers) -> str:
    if not letters.letters:
        return "None: no line and no row was rejected."
    stages = [f"{numbers.whole(count)} {_STAGES.get(stage, stage)}" for stage, count in letters.by_stage.items()]
    records = f"{numbers.whole(letters.records)} {'record' if letters.records == 1 else 'records'} rejected"
    return f"{records}: {', '.join(stages)}. Each is kept as it came, with every reason."


def _reason(reason: ReasonCount, most: int, numbers: Numbers) -> ReasonView:
    return ReasonView(
        amount=_amount(reason, numbers),
        title=_title(reason.code),
        code=reason.code,
        stage=_STAGES.get(reason.stage, reason.stage),
        width=max(0.4, 100 * reason.records / most),
        detail=_detail(reason, numbers),
        samples=tuple(_sample(sample, reason.code) for sample in reason.samples),
    )


def _amount(reason: ReasonCount, numbers: Numbers) -> str:
    """Records; of files whose records cannot be counted, files."""
    if reason.records:
        return numbers.whole(reason.records)
    return counted(reason.letters, "file", numbers.whole(reason.letters))


def _title(code: str) -> str:
    """A reason's code as a person says it: cast_datetime is Not a datetime."""
    if code.startswith("cast_"):
        kind = code.removeprefix("cast_").replace("_", " ")
        return f"Not {'an' if kind[:1] in 'aeiou' else 'a'} {kind}"
    return code.removeprefix("gate_").replace("_", " ").capitalize()


def _detail(reason: ReasonCount, numbers: Numbers) -> str:
    columns = [f"{shown(name)} ({numbers.whole(count)})" for name, count in reason.columns.items()]
    files = f"In {numbers.whole(reason.files)} {'file' if reason.files == 1 else 'files'}"
    where = f"{files}, in the columns {', '.join(columns)}" if len(columns) > 1 else files
    example = f"{'For example: ' if len(columns) > 1 else ''}{shown(reason.message.rstrip('.'), 300)}"
    only = f"The only reason for {numbers.whole(reason.only)} of {numbers.whole(reason.letters)} letters"
    parts = [where, example, only if reason.only != reason.letters else ""]
    return " ".join(f"{part[:1].upper()}{part[1:]}." for part in parts if part)


def _sample(sample: LetterSample, code: str) -> SampleView:
    name = shown(sample.file.rsplit("/", 1)[-1])
    lines = "the whole file" if sample.line == 0 else f"line {sample.line}"
    if sample.last_line is not None and sample.last_line > sample.line > 0:
        lines = f"lines {sample.line} to {sample.last_line}"
    others = sorted({reason.code for reason in sample.reasons} - {code})
    return SampleView(f"{name}, {lines}", ", ".join(others), sample.note, sample.shown)
