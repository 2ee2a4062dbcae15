"""Dead letters into their table: each once, however often a run is killed and started again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from flows.run import Run, text_digest
from tasks.dead_letters.access import open_from, raw_storage
from tasks.dead_letters.models import BatchFacts, FileFacts
from tasks.dead_letters.pending import StoreUnavailableError, persist, record_letters
from tasks.models import LandedFile
from tasks.safe_errors import describe

_log = logging.getLogger(__name__)


def quarantine(run: Run, landed: Sequence[LandedFile], letters: Sequence[Path]) -> str | None:
    """Load the dead letters that the stages wrote into the table.

    Returns:
        None where they are in the table; else why they wait on disk until the next run.
    """
    batch = BatchFacts(
        dataset=run.contract.dataset,
        run_id=run.run_id,
        contract_digest=run.contract.digest(),
        suite_digest=text_digest(run.suite_text),
        seen_at=run.started_at,
        files=tuple(FileFacts.of(file) for file in landed),
    )
    settings = run.settings.dead_letters
    url, storage = settings.connection_url(), raw_storage(settings)
    try:
        added = record_letters(url, run.store.root / "pending", letters, batch, storage=storage)
    except StoreUnavailableError as error:
        _log.error("dead letters wait on disk for the next run: %s", error)
        return str(error)
    _log.info("quarantined", extra={"stage": "quarantine", "rows": added.new})
    _purge(run)
    return None


def _purge(run: Run) -> None:
    """Delete what the retention lets go of. It can wait: the next run does it as well."""
    settings = run.settings.dead_letters
    if settings.retention_days is None:
        return
    try:
        with persist(lambda: open_from(settings), attempts=1) as store:
            deleted = store.purge(settings.retention_days, f"run {run.run_id}", run.contract.dataset)
    except (StoreUnavailableError, DBAPIError) as error:
        _log.warning("old dead letters are deleted by a later run: %s", describe(error))
    else:
        _log.info("purged", extra={"stage": "quarantine", "rows": deleted})
