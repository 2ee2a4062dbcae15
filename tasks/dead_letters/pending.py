"""Dead letters on their way into the table: noted on disk first, so that a database that is down loses none."""

from __future__ import annotations

import os
import random
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from expectations.errors import UsageError
from tasks.dead_letters.database import is_transient
from tasks.dead_letters.models import Added, BatchFacts
from tasks.dead_letters.raw_text import RawStorage
from tasks.dead_letters.store import DeadLetterStore, open_store
from tasks.models import Frozen

_FIRST_DELAY_SECONDS = 0.5
Result = TypeVar("Result")


class StoreUnavailableError(Exception):
    """The dead-letter database cannot be used now. Nothing is lost; the command line exits with 3."""


class PendingLoad(Frozen):
    """One batch's dead letters, not yet known to be in the table."""

    letters: tuple[Path, ...]
    batch: BatchFacts


def note(folder: Path, load: PendingLoad) -> Path:
    """Write a load down, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{load.batch.seen_at:%Y%m%dT%H%M%S%f}-{uuid.uuid4().hex}.json"
    temporary = target.with_suffix(".tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(load.model_dump_json())
        file.flush()
        os.fsync(file.fileno())
    return temporary.replace(target)


def waiting(folder: Path) -> list[Path]:
    """The loads written down in a folder, the oldest first."""
    return sorted(folder.glob("*.json"))


def load_waiting(store: DeadLetterStore, folder: Path) -> dict[str, Added]:
    """Load everything that waits; a note goes once its letters are in the table.

    A run killed in between leaves its note, and the next run loads it again: letters that are there are known.

    Returns:
        What each run's letters came to, by run id.
    """
    done: dict[str, Added] = {}
    for path in waiting(folder):
        try:
            load = PendingLoad.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            continue  # another run, at the same time, has loaded it
        except ValidationError:
            raise UsageError(f"{path}: not a note of dead letters to load; remove it") from None
        if gone := [letters for letters in load.letters if not letters.is_file()]:
            raise UsageError(
                f"{path}: names dead letters that are gone: {gone[0]}; run that input again, then remove it"
            )
        added = store.add(load.letters, load.batch)
        done[load.batch.run_id] = done.get(load.batch.run_id, Added()) + added
        path.unlink(missing_ok=True)
    return done


def record_letters(
    url: str,
    folder: Path,
    letters: Sequence[Path],
    batch: BatchFacts,
    *,
    storage: RawStorage | None = None,
    attempts: int = 4,
    sleep: Callable[[float], None] = time.sleep,
) -> Added:
    """Put a run's dead letters into the table, and those of earlier runs that still wait.

    Args:
        url: the table's address.
        folder: where loads that have not succeeded are noted.
        letters: Parquet files of LETTER_SCHEMA, in a place where they stay.
        batch: the run that found them.
        storage: how raw text is kept; plain if not given.
        attempts: how often to try when the database is away or busy.
        sleep: how to wait between attempts, in seconds.

    Raises:
        StoreUnavailableError: the database did not answer; the letters wait and the next run loads them.
        UsageError: the address is wrong, or the table is a newer Sluice's; the letters wait as well.
    """
    note(folder, PendingLoad(letters=tuple(path.absolute() for path in letters), batch=batch))

    def load() -> dict[str, Added]:
        with open_store(url, storage) as store:
            return load_waiting(store, folder)

    return persist(load, attempts=attempts, sleep=sleep).get(batch.run_id, Added())


def persist(action: Callable[[], Result], *, attempts: int = 4, sleep: Callable[[float], None] = time.sleep) -> Result:
    """Do something with the database, again after a while (doubled each time, with jitter) when it is away or busy.

    Raises:
        StoreUnavailableError: it stayed away, or it refuses for a reason that waiting does not mend.
    """
    for attempt in range(attempts):
        try:
            return action()
        except DBAPIError as error:
            if not is_transient(error) or attempt + 1 == attempts:
                raise StoreUnavailableError(one_line(error)) from error
            sleep(_FIRST_DELAY_SECONDS * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
    raise AssertionError("attempts must be at least 1")


def one_line(error: DBAPIError) -> str:
    """What is wrong with the database, in one line."""
    # The driver's own words only: SQLAlchemy adds the statement and its parameters, which are people's data.
    first = next(iter(str(error.orig).strip().splitlines()), type(error.orig).__name__)
    return f"the dead-letter database cannot be used: {first}"
