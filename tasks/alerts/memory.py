"""What people were told already: so that a repeat is not told again at once, and a recovery is.

One small JSON file a dataset, in the results folder: it works where the database does not.
"""

from __future__ import annotations

import fcntl
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from tasks.alerts.alert import Alert, Condition, well_again
from tasks.models import Frozen
from tasks.safe_errors import describe
from tasks.settings import AlertSettings
from tasks.whole_files import write_text_whole

_log = logging.getLogger(__name__)


class Told(Frozen):
    """A rule that is wrong, and what was said of it."""

    kind: str
    since: datetime
    told_at: datetime
    times: int = 1  # how often it was seen to be wrong
    run_id: str | None = None


Memory = dict[str, Told]  # by rule
_MEMORY = TypeAdapter(Memory)


class Decision(Frozen):
    """What to do about a condition: the alert to send, if any, and what to remember once it is sent."""

    alert: Alert | None
    remember: Told | None


def decide(condition: Condition, told: Told | None, now: datetime, settings: AlertSettings) -> Decision:
    """Whether a condition is worth a message, given what was told of it before."""
    if condition.alert is None:
        return _decide_well(condition, told, settings)
    alert = condition.alert
    if alert.is_good:  # asked for, every time; it says by itself that what was wrong is over
        return Decision(alert=alert, remember=None)
    if told is None or told.kind != alert.kind:
        since = now if told is None else told.since
        fresh = Told(
            kind=alert.kind, since=since, told_at=now, times=told.times + 1 if told else 1, run_id=alert.run_id
        )
        return Decision(alert=alert, remember=fresh)
    if told.run_id is not None and told.run_id == alert.run_id:
        return Decision(alert=None, remember=told)  # the same run, told by another way
    again = told.model_copy(update={"times": told.times + 1, "run_id": alert.run_id})
    if now - told.told_at < timedelta(hours=settings.repeat_after_hours):
        return Decision(alert=None, remember=again)
    often = f"It was seen to be wrong {again.times:,} times since {told.since:%Y-%m-%d %H:%M} UTC."
    repeated = alert.model_copy(update={"sentences": (*alert.sentences, often)})
    return Decision(alert=repeated, remember=again.model_copy(update={"told_at": now}))


def _decide_well(condition: Condition, told: Told | None, settings: AlertSettings) -> Decision:
    if told is None or not settings.recovery:
        return Decision(alert=None, remember=None)
    since = f"{told.since:%Y-%m-%d %H:%M} UTC"
    return Decision(alert=well_again(condition, since, told.times), remember=None)


@contextmanager
def open_memory(results_dir: Path, dataset: str) -> Iterator[Memory]:
    """The memory of a dataset, kept again when the block is left; nobody else changes it meanwhile."""
    folder = results_dir / "alerts"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{dataset}.json"
    with (folder / f"{dataset}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        memory = read_memory(path)
        yield memory
        try:
            write_text_whole(path, _MEMORY.dump_json(memory, indent=1).decode())
        except OSError as error:
            _log.warning("what was told is not kept, so it may be told again: %s", describe(error))


def read_memory(path: Path) -> Memory:
    """What was told; nothing where there is no file, or it is damaged: a message too many is better than none."""
    try:
        return _MEMORY.validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError, json.JSONDecodeError):
        return {}


def utc_now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)
