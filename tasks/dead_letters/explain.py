"""Why the dead letters are dead: grouped by what failed, each group's likely causes by how many letters they fit.

A cell can often be read in more than one way (`1,234`; 10 digits). One letter cannot tell, its neighbours can: of the
causes that fit a letter, the one that fits most of its group is taken.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tasks.dead_letters.causes.catalog import AMBIGUOUS, CAUSES, UNKNOWN, diagnose
from tasks.dead_letters.causes.specimen import Diagnosis, Setting, Specimen
from tasks.dead_letters.models import StoredLetter
from tasks.dead_letters.repairs import chain
from tasks.models import Frozen, Stage

_EXAMPLES = 3
_FEW = 5  # letters, under which repetition says nothing; and how often what is added repeats
_ONCE_OR_TWICE = 1.5  # how often torn text repeats, less than that


class Sampled(NamedTuple):
    """Some letters of one kind (the same reasons), standing for all of it."""

    letters: int  # how many there are of the kind
    specimens: Sequence[tuple[Specimen, Setting]]
    unreadable: Sequence[StoredLetter] = ()  # letters whose raw text is not to be had: whole files, mostly


class Explanation(Frozen):
    """One cause in one group of letters."""

    dataset: str
    stage: Stage
    code: str
    column: str | None
    cause: str
    title: str
    advice: str
    letters: int
    is_estimate: bool
    files: int
    repair: str | None
    choices: tuple[str, ...]
    examples: tuple[str, ...]

    @property
    def is_known(self) -> bool:
        """Whether a cause was found."""
        return self.cause != UNKNOWN


class _Looked(NamedTuple):
    letter: StoredLetter
    weight: float
    options: list[Diagnosis]
    tail: str  # what stands behind the last column, where something does


_Group = tuple[str, Stage, str, str | None]


def explain(kinds: Iterable[Sampled]) -> tuple[Explanation, ...]:
    """Name the likely causes of the letters of each kind, the largest group first."""
    groups: dict[_Group, list[_Looked]] = defaultdict(list)
    for kind in kinds:
        weight = kind.letters / max(len(kind.specimens) + len(kind.unreadable), 1)
        for specimen, setting in kind.specimens:
            looked = _Looked(specimen.letter, weight, diagnose(specimen, setting), _tail(specimen, setting))
            groups[_group_of(specimen.letter)].append(looked)
        for letter in kind.unreadable:
            whole_file = [Diagnosis("whole_file")] if letter.line == 0 else []
            groups[_group_of(letter)].append(_Looked(letter, weight, whole_file, ""))
    found = [one for group, looked in groups.items() for one in _explained(group, looked)]
    return tuple(sorted(found, key=lambda one: (-one.letters, one.code, one.column or "", one.cause)))


def _group_of(letter: StoredLetter) -> _Group:
    """The first thing that failed: what comes after it often follows from it."""
    first = next((reason for reason in letter.reasons if reason.status != "unknown"), letter.reasons[0])
    return letter.dataset, letter.stage, first.code, first.column


def _tail(specimen: Specimen, setting: Setting) -> str:
    return "\0".join(specimen.fields[len(setting.form.columns) :])


def _explained(group: _Group, looked: Sequence[_Looked]) -> Iterable[Explanation]:
    options = _without_chance(looked)
    support = Counter(option.main for ways in options for option in ways)
    chosen: dict[Diagnosis, list[_Looked]] = defaultdict(list)
    for one, ways in zip(looked, options, strict=True):
        # Of equal support, the first: detectors put the likelier cause in front.
        taken = max(ways, key=lambda way: support[way.main], default=Diagnosis(UNKNOWN, group[3]))
        chosen[taken].append(one)
    for diagnosis, members in _merged(chosen).items():
        yield _explanation(group, diagnosis, members)


def _without_chance(looked: Sequence[_Looked]) -> list[list[Diagnosis]]:
    """The options of each letter; for a line that can be read in several ways, those the group speaks for.

    Fields somebody added repeat, text that was torn apart does not. Too few lines to tell, some of both, or two columns
    that may have held the text: then it is open which repair is right.
    """
    torn = [one for one in looked if _is_open([way.cause for way in one.options])]
    tails = [one.tail for one in torn]
    repetition = len(tails) / len(set(tails)) if len(tails) >= _FEW else 0

    def fair(ways: list[Diagnosis]) -> list[Diagnosis]:
        if not _is_open([way.cause for way in ways]):
            return ways
        added = [way for way in ways if way.cause == "extra_fields"]
        texts = [way for way in ways if way.cause == "unquoted_delimiter"]
        if added and repetition >= _FEW:
            return added
        if len(texts) == 1 and 0 < repetition < _ONCE_OR_TWICE:
            return texts
        return [Diagnosis(AMBIGUOUS, choices=tuple(way.repair for way in ways if way.repair))]

    return [fair(one.options) for one in looked]


def _is_open(causes: Sequence[str]) -> bool:
    """Whether a line can be read as text torn apart in more than one way, and as nothing likelier."""
    return len(causes) > 1 and set(causes) <= {"unquoted_delimiter", "extra_fields"}


def _merged(chosen: Mapping[Diagnosis, list[_Looked]]) -> dict[Diagnosis, list[_Looked]]:
    """One diagnosis a cause and column, its repairs put together: those of other columns, and of other words."""
    found: dict[Diagnosis, list[_Looked]] = defaultdict(list)
    parts: dict[Diagnosis, dict[str, None]] = defaultdict(dict)
    for diagnosis, members in chosen.items():
        is_word = diagnosis.cause == "misspelt_category"
        main = diagnosis.main._replace(repair=None) if is_word else diagnosis.main
        found[main] += members
        parts[main] |= dict.fromkeys([*filter(None, [diagnosis.repair]), *diagnosis.more])
    return {main._replace(repair=chain(list(parts[main])) if parts[main] else None): found[main] for main in found}


def _explanation(group: _Group, diagnosis: Diagnosis, members: Sequence[_Looked]) -> Explanation:
    dataset, stage, code, column = group
    cause = CAUSES[diagnosis.cause]
    return Explanation(
        dataset=dataset,
        stage=stage,
        code=code,
        column=diagnosis.column or column,
        cause=diagnosis.cause,
        title=cause.title,
        advice=cause.advice,
        letters=round(sum(one.weight for one in members)),
        is_estimate=any(one.weight > 1 for one in members),
        files=len({one.letter.file for one in members}),
        repair=diagnosis.repair,
        choices=diagnosis.choices,
        examples=tuple(one.letter.id for one in members[:_EXAMPLES]),
    )
