"""What changed since the runs before, number by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tasks.history.models import Comparison, NumberChange, ShareChange
from tasks.report.change_sentences import Speaker
from tasks.report.numbers import MISSING, Numbers
from tasks.report.words import Words

_SPARK_WIDTH, _SPARK_HEIGHT = 84.0, 20.0


class NumberView(NamedTuple):
    """One number beside its past."""

    label: str
    now: str
    before: str
    change: str
    usual: str
    far: str
    spark: str  # the path of a small curve over past runs and this one; empty where there are too few
    has_drifted: bool


class ShareView(NamedTuple):
    """One distribution beside its past."""

    label: str
    psi: str
    sentence: str
    has_drifted: bool


class ChangesView(NamedTuple):
    """All about past runs."""

    since: str
    sentences: tuple[str, ...]
    intro: str
    numbers: tuple[NumberView, ...]
    shares: tuple[ShareView, ...]


def view_changes(comparison: Comparison, words: Words, numbers: Numbers, before: str = "last time") -> ChangesView:
    """Put a comparison into words; `before` is what the run that was before is called in a sentence."""
    speaker = Speaker(words, numbers, before)
    since = numbers.day(comparison.previous_at.astimezone(numbers.zone)) if comparison.previous_at else ""
    return ChangesView(
        since=since,
        sentences=speaker.sentences(comparison),
        intro=_intro(comparison),
        numbers=tuple(_number(one, speaker) for one in comparison.numbers),
        shares=tuple(_share(one, speaker, numbers) for one in comparison.shares),
    )


def _intro(found: Comparison) -> str:
    """What the numbers are held against."""
    if found.previous is None:
        return ""
    if not found.is_judged:
        return (
            f"Beside the run before, {found.previous}. There are too few comparable runs yet to say what is usual: "
            f"{found.baseline_runs}."
        )
    return (
        f"Beside the run before, {found.previous}, and the last {found.baseline_runs} runs over other input that were "
        "let through. Usual is their median; deviations are robust ones, 1.4826 times the median absolute deviation."
    )


def _number(one: NumberChange, speaker: Speaker) -> NumberView:
    """One line of the table."""
    far = MISSING if one.deviations is None else speaker.signed(one.deviations)
    return NumberView(
        label=speaker.label(one.name),
        now=speaker.write(one.name, one.now),
        before=MISSING if one.before is None else speaker.write(one.name, one.before),
        change=MISSING if one.change is None else speaker.percent(one.change),
        usual=MISSING if one.median is None else speaker.write(one.name, one.median),
        far=far,
        spark=spark_path([*one.history, one.now]) if len(one.history) > 1 else "",
        has_drifted=one.has_drifted,
    )


def _share(one: ShareChange, speaker: Speaker, numbers: Numbers) -> ShareView:
    """One distribution."""
    return ShareView(speaker.label(one.name), numbers.real(round(one.psi, 3)), speaker.mix(one), one.has_drifted)


def spark_path(values: Sequence[float]) -> str:
    """The path of a small curve, in a box of 84 by 20; the last point is this run."""
    low, high = min(values), max(values)
    step = _SPARK_WIDTH / (len(values) - 1)
    height = (high - low) or 1.0
    points = [(at * step, _SPARK_HEIGHT * (1 - (value - low) / height)) for at, value in enumerate(values)]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
