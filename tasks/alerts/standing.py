"""What is wrong with a dataset although no run fails: dead letters that nobody looks at, files that do not come."""

from __future__ import annotations

from datetime import datetime, timedelta

from tasks.alerts.alert import Alert, Condition, Rule


def old_dead_letters(dataset: str, letters: int, age_days: float) -> Condition:
    """The rule of old dead letters.

    Args:
        dataset: whose they are.
        letters: how many open ones are older than agreed.
        age_days: the agreed age.
    """
    if letters == 0:
        return Condition(dataset=dataset, rule=Rule.OLD_DEAD_LETTERS)
    number = f"{letters:,} open dead {'letter' if letters == 1 else 'letters'}"
    alert = Alert(
        dataset=dataset,
        rule=Rule.OLD_DEAD_LETTERS,
        kind="old",
        subject=f"Sluice: {dataset} has {number} older than {age_days:g} days",
        sentences=(
            f"{dataset} has {number} older than the agreed {age_days:g} days.",
            "Each is a record that was sent, is kept, and counts in no table.",
            "`python -m flows.dead_letters explain` names likely causes; replay or discard them.",
        ),
        facts=(("dataset", dataset), ("letters", f"{letters:,}")),
    )
    return Condition(dataset=dataset, rule=Rule.OLD_DEAD_LETTERS, alert=alert)


def no_new_data(dataset: str, last_new: datetime | None, now: datetime, hours: float) -> Condition:
    """The rule of new data.

    Args:
        dataset: whose data.
        last_new: when a run last read a file that no run had read before; None: none ever did.
        now: the moment.
        hours: how old the newest file may be.
    """
    if last_new is not None and now - last_new <= timedelta(hours=hours):
        return Condition(dataset=dataset, rule=Rule.NO_NEW_DATA)
    since = "ever" if last_new is None else f"since {last_new:%Y-%m-%d %H:%M} UTC"
    alert = Alert(
        dataset=dataset,
        rule=Rule.NO_NEW_DATA,
        kind="none",
        subject=f"Sluice: no new data for {dataset} {since}",
        sentences=(
            f"No new file of {dataset} was read {since}.",
            f"Agreed is one at least every {hours:g} hours.",
            "Ask whoever sends the files, and see whether the scheduled runs take place.",
        ),
        facts=(("dataset", dataset),),
    )
    return Condition(dataset=dataset, rule=Rule.NO_NEW_DATA, alert=alert)
