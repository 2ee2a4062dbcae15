"""What changed since the run before, in three sentences made from numbers."""

from __future__ import annotations

from collections.abc import Sequence

from tasks.history.models import Comparison, NumberChange, ShareChange
from tasks.report.numbers import Numbers
from tasks.report.text import shown
from tasks.report.words import Words

_ALIKE = 0.0005  # a smaller relative change is printed as none
# Volume and quality have sentences of their own; the third is about what the rows say.
_SAID_BEFORE = frozenset({"read", "accepted", "rejected_share", "duplicate_share"})


class Speaker:
    """Says numbers in a dataset's words."""

    def __init__(self, words: Words, numbers: Numbers, before: str) -> None:
        self._words, self._numbers, self._before = words, numbers, before

    def sentences(self, found: Comparison) -> tuple[str, ...]:
        """Volume, quality, content; one sentence where there is nothing to compare, or nothing changed."""
        if found.previous is None:
            return ("This is the first run of this dataset on record: there is nothing to compare it with yet.",)
        if found.is_same_input and found.is_same_rules and not any(map(_differs, found.numbers)):
            same = "The same files under the same contract and suite as in the run before, with the same numbers"
            return (f"{same} ({found.previous}).", *self._stale(found))
        return (self._volume(found), self._quality(found), self._content(found), *self._stale(found))

    def label(self, name: str) -> str:
        """A number's name for people."""
        if name.startswith("missing."):
            return f"missing {shown(name.removeprefix('missing.'))}"
        if name.startswith("mix."):
            return shown(name.removeprefix("mix."))
        if name.startswith("spread."):
            return f"spread of {shown(name.removeprefix('spread.').removesuffix('_seconds'))}"
        words = self._words
        known = {
            "read": "records read",
            "accepted": "rows accepted",
            "entities": words.entities,
            "rows_without_entity": f"rows without {words.entity}",
            "category": words.category,
            "total_value": f"total {words.value_with_unit}",
            "mean_value": f"mean {words.value_with_unit}",
            "std_value": f"deviation of {words.value_with_unit}",
            "std_duration_seconds": "deviation of duration",
            "hour": "hour of the day",
            "weekday": "day of the week",
        }
        return known.get(name) or name.removesuffix("_seconds").replace("_", " ")

    def write(self, name: str, value: float) -> str:
        """A number in its unit."""
        if name.endswith("_seconds"):
            return self._numbers.duration(value)
        if name.endswith("_share") or name.startswith("missing."):
            return self._numbers.share(value)
        return self._numbers.real(value)

    def _volume(self, found: Comparison) -> str:
        one = _named(found, "accepted")
        now, before = self.write("accepted", one.now), self.write("accepted", one.before or 0)
        text = f"{now} rows were accepted"
        if not _differs(one):
            text += f", as many as {self._before}"
        elif one.change is None:
            text += f"; {self._before} {before}"
        else:
            more = "more" if one.change > 0 else "fewer"
            text += f", {self.percent(abs(one.change), sign=False)} {more} than {self._before}, {before}"
        return f"{text}{self._range(one, found)}."

    def _quality(self, found: Comparison) -> str:
        one = next((one for one in found.numbers if one.name == "rejected_share"), None)
        if one is None or one.before is None:
            return "No record was read in one of the two runs, so their rejects cannot be compared."
        now, before = self.write(one.name, one.now), self.write(one.name, one.before)
        text = f"{now} of the records were rejected"
        if now == before:
            text += f", as {self._before}"
        else:
            text += f", {'up' if one.now > one.before else 'down'} from {before}"
        text += self._range(one, found)
        if found.reasons:
            code, (was, is_now) = next(iter(found.reasons.items()))
            whole = self._numbers.whole
            text += f"; most changed: {code.replace('_', ' ')}, from {whole(was)} to {whole(is_now)}"
        return f"{text}."

    def _content(self, found: Comparison) -> str:
        mixes = sorted((one for one in found.shares if one.has_drifted), key=lambda one: -one.psi)
        if mixes:
            return f"{self._capital(self.label(mixes[0].name))} is no longer spread as before: {self.mix(mixes[0])}."
        numbers = [one for one in found.numbers if one.name not in _SAID_BEFORE and one.before is not None]
        if not numbers:
            return "There is no analysis to compare."
        most = max(numbers, key=_distance)
        now, before = self.write(most.name, most.now), self.write(most.name, most.before or 0)
        if not _differs(most):
            return "All totals and means are what they were."
        lead = "The largest change in content" if not most.has_drifted else "Unusual"
        far = f", {self.signed(most.deviations)} deviations from usual" if most.deviations is not None else ""
        return f"{lead}: {self.label(most.name)}, {now} after {before}{far if found.is_judged else ''}."

    def _stale(self, found: Comparison) -> tuple[str, ...]:
        if not found.is_stale or found.age_hours is None:
            return ()
        age = self._numbers.duration(found.age_hours * 3600)
        return (f"The newest row was {age} old when the run started, more than the contract allows.",)

    def _range(self, one: NumberChange, found: Comparison) -> str:
        if not found.is_judged or not one.history:
            return ""
        low, high = self.write(one.name, min(one.history)), self.write(one.name, max(one.history))
        unusual = ", which is unusual" if one.has_drifted else ""
        return f"{unusual} (the last {len(one.history)} runs: {low} to {high})"

    def mix(self, one: ShareChange) -> str:
        """How a distribution moved."""
        share = self._numbers.share
        parts = []
        if one.gained is not None and one.gained_to > one.gained_from:
            gained = f"{shown(one.gained, 60)} went from {share(one.gained_from)} to {share(one.gained_to)}"
            parts.append(gained)
        if not one.name.startswith(("mix.", "spread.")):  # there the rarest come and go with every batch
            parts += [f"new: {self._some(one.appeared)}"] if one.appeared else []
            parts += [f"gone: {self._some(one.vanished)}"] if one.vanished else []
        return "; ".join(parts) or "unchanged"

    def _some(self, names: Sequence[str]) -> str:
        rest = f" and {len(names) - 3} more" if len(names) > 3 else ""
        return ", ".join(shown(name, 60) for name in names[:3]) + rest

    def percent(self, change: float, *, sign: bool = True) -> str:
        """A relative change: +12.3 %."""
        if abs(change) < _ALIKE:
            return "0 %"
        text = self._numbers.real(round(100 * change, 1 if abs(change) < 1 else 0))
        return f"{'+' if sign and change > 0 else ''}{text} %"

    def signed(self, value: float) -> str:
        """A number that says its direction: +3.2."""
        text = self._numbers.real(round(value, 1))
        return f"+{text}" if value > 0 else text

    def _capital(self, text: str) -> str:
        return text[:1].upper() + text[1:]


def _named(found: Comparison, name: str) -> NumberChange:
    return next(one for one in found.numbers if one.name == name)


def _differs(one: NumberChange) -> bool:
    return one.before is None or abs(one.now - one.before) > 1e-12 * max(abs(one.now), abs(one.before))


def _distance(one: NumberChange) -> tuple[bool, float]:
    """How noteworthy a change is: drift first, then by deviations, or by its size where there is no baseline."""
    size = abs(one.deviations) if one.deviations is not None else abs(one.change or 0.0)
    return one.has_drifted, size if _differs(one) else 0.0
