"""Dead letters into their table: each once, however often a run is killed and started again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from flows.run import Run, text_digest
from tasks.dead_letters.access import raw_storage
from tasks.dead_letters.models import BatchFacts, FileFacts
from tasks.dead_letters.pending import StoreUnavailableError, record_letters
from tasks.models import LandedFile

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
    return None
