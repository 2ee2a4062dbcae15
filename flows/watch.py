"""Looks after a dataset between its runs: `python -m flows.watch`. Alerts of old dead letters and of missing data.

Exit codes: 0 looked, whatever was found; 2 a wrong call or config; 3 the dead-letter database is away.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from expectations.errors import UsageError
from flows.finish import DATABASE_AWAY, WENT_THROUGH, WRONG_USAGE
from flows.logs import set_up_logging
from flows.run_records import RunRecord, records
from tasks.alerts.alert import Condition
from tasks.alerts.send import Delivery, tell
from tasks.alerts.standing import no_new_data, old_dead_letters
from tasks.artifacts import ArtifactStore
from tasks.dead_letters.models import Filters
from tasks.dead_letters.store import open_store
from tasks.safe_errors import describe
from tasks.settings import Settings, load_settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Look, tell, and say on the terminal what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m flows.watch", description=__doc__.partition("\n")[0])
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings; default config/pipeline.yaml")
    parser.add_argument("--dataset", metavar="NAME", help="a folder below expectations/")
    parser.add_argument("--results-dir", metavar="DIR", help="where the runs' folders are")
    options = parser.parse_args(arguments)
    set_up_logging()
    try:
        settings = load_settings(options.config, {"dataset": options.dataset, "results_dir": options.results_dir})
        found, _ = watch(settings)
    except UsageError as error:
        print(f"watch: {error}", file=sys.stderr)
        return WRONG_USAGE
    except DBAPIError as error:
        print(f"watch: the dead-letter database does not answer: {describe(error)}", file=sys.stderr)
        return DATABASE_AWAY
    for condition in found:
        print(f"{condition.rule}: {condition.alert.sentences[0] if condition.alert else 'well'}")
    return WENT_THROUGH


def watch(settings: Settings, now: datetime | None = None) -> tuple[list[Condition], list[Delivery]]:
    """The standing rules of the config as they are now, and what was told of them.

    Raises:
        sqlalchemy.exc.DBAPIError: the dead-letter database does not answer.
    """
    moment, asked, dataset = now or datetime.now(UTC), settings.alerts, settings.dataset
    found: list[Condition] = []
    if asked.dead_letter_age_days is not None:
        old = Filters(dataset=dataset, first_seen_before=moment - timedelta(days=asked.dead_letter_age_days))
        with open_store(settings.dead_letters.connection_url()) as store:
            found.append(old_dead_letters(dataset, store.count(old), asked.dead_letter_age_days))
    if asked.no_new_data_hours is not None:
        newest_first = records(ArtifactStore(settings.results_dir / "store"), dataset)
        found.append(no_new_data(dataset, last_new_data(newest_first), moment, asked.no_new_data_hours))
    return found, tell(found, settings)


def last_new_data(newest_first: Iterable[RunRecord]) -> datetime | None:
    """When a run last read a content that the run before it had not; None where no run read anything.

    Going back from the newest run: the newest data came with the oldest run that still read all of it.
    """
    moment: datetime | None = None
    newest: set[str] = set()
    for record in newest_first:
        contents = {file.source.digest for file in record.landed}
        if not newest:
            newest = contents
        elif not newest <= contents:
            break
        if newest:
            moment = record.started_at
    return moment


if __name__ == "__main__":
    sys.exit(main())
