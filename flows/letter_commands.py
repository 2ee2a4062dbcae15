"""What each command of `python -m flows.dead_letters` does. Each prints, and gives the exit code."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from expectations.errors import UsageError
from flows import letter_output as output
from flows.letter_options import actor, filters_of
from flows.letter_text import Shower, find_dataset
from tasks.dead_letters.access import open_from, raw_reader
from tasks.dead_letters.encryption import new_key
from tasks.dead_letters.explain import Explanation
from tasks.dead_letters.models import Filters, StoredLetter
from tasks.dead_letters.pending import persist
from tasks.dead_letters.raw_text import RawReader
from tasks.dead_letters.store import DeadLetterStore
from tasks.dead_letters.survey import survey
from tasks.settings import Settings

Command = Callable[[argparse.Namespace, Settings], int]
_AT_ONCE = 1_000
_AROUND_LINES = 2


def list_letters(options: argparse.Namespace, settings: Settings) -> int:
    """Print letters, a line each."""
    with persist(lambda: open_from(settings.dead_letters)) as store:
        page = store.letters(filters_of(options), options.limit)
        letters = sorted(page, key=lambda one: (one.dataset, one.file, one.line))
        total = store.count(filters_of(options))
    print(output.render([output.short(letter) for letter in letters], options.format))
    if options.format == "table" and total > len(letters):
        print(f"{len(letters):,} of {total:,}; --limit shows more")
    return 0


def show(options: argparse.Namespace, settings: Settings) -> int:
    """Print one letter, the lines around it, and every reason in words."""
    with persist(lambda: open_from(settings.dead_letters)) as store:
        letter = _the_one(store, options.id)
        _note_reveal(store, options, f"show {letter.id}", 1)
        shower = Shower(store.file_facts(), is_revealed=options.reveal)
        (text,) = raw_reader(settings.dead_letters, store).read([letter])
    shown = shower.show(letter, text)
    around = shower.around(letter, _AROUND_LINES)
    if options.format == "json":
        print(json.dumps(output.whole(letter, shown) | {"around": dict(around)}, indent=1, ensure_ascii=False))
    else:
        print("\n".join(_in_words(letter, shown, around)))
    return 0


def _the_one(store: DeadLetterStore, id_: str) -> StoredLetter:
    found = list(store.letters(Filters(status=None, ids=(id_,)), limit=2))
    if not found:
        raise UsageError(f"there is no dead letter {id_!r}")
    if len(found) > 1:
        raise UsageError(f"{id_!r} is the beginning of several ids; give more of it")
    return found[0]


def _in_words(letter: StoredLetter, shown: str, around: list[tuple[int, str]]) -> Iterator[str]:
    place = "the whole file" if letter.line == 0 else f"line {letter.line}"
    place += f" to {letter.last_line}" if letter.last_line > letter.line else ""
    yield f"dead letter {letter.id}"
    yield f"  {letter.dataset}: {letter.file}, {place}"
    yield f"  {letter.status.value}, rejected at the stage {letter.stage.value}, {letter.attempts} replays tried"
    yield f"  first seen {letter.first_seen_at:%Y-%m-%d %H:%M} UTC by run {letter.first_run}, last by {letter.last_run}"
    if letter.changed_by and letter.changed_at:
        yield f"  {letter.status.value} by {letter.changed_by}, {letter.changed_at:%Y-%m-%d %H:%M} UTC"
    yield ""
    yield from (f"  {number:>8}   {line}" for number, line in around if number < letter.line)
    yield f"  {letter.line:>8} > {shown}"
    yield from (f"  {number:>8}   {line}" for number, line in around if number > letter.line)
    yield ""
    for reason in letter.reasons:
        where = f" ({reason.column})" if reason.column else ""
        note = ", not checked: an earlier failure hides it" if reason.status == "unknown" else ""
        yield f"  {reason.code}{where}: {reason.message or 'no more is known'} [{reason.severity or 'critical'}{note}]"


def explain(options: argparse.Namespace, settings: Settings) -> int:
    """Print the likely causes."""
    with persist(lambda: open_from(settings.dead_letters)) as store:
        reader = raw_reader(settings.dead_letters, store)
        found = survey(store, reader, find_dataset, filters_of(options), options.sample)
    if options.format == "json":
        print(json.dumps([one.model_dump(mode="json") for one in found], indent=1, ensure_ascii=False))
    else:
        print("\n".join(_causes_in_words(found)) or "none")
    return 0


def _causes_in_words(found: Iterable[Explanation]) -> Iterator[str]:
    for one in found:
        about = "about " if one.is_estimate else ""
        column = f"({one.column})" if one.column else ""
        letters = "letter" if one.letters == 1 else "letters"
        yield f"{about}{one.letters:,} {letters} of {one.dataset}, {one.stage.value} {one.code}{column}: {one.title}"
        yield f"    {one.advice}"
        for repair in [one.repair] if one.repair else one.choices:
            chosen = f"--dataset {one.dataset} --reason {one.code}"
            yield f"    python -m flows.replay {chosen} --repair '{repair}' --dry-run"
        yield f"    for example {' '.join(example[:12] for example in one.examples)}"


def export(options: argparse.Namespace, settings: Settings) -> int:
    """Write whole letters to a file."""
    target: Path = options.to
    with persist(lambda: open_from(settings.dead_letters)) as store:
        chosen = filters_of(options)
        _note_reveal(store, options, f"export to {target.name}", store.count(chosen))
        rows = _whole_letters(store, raw_reader(settings.dead_letters, store), chosen, is_revealed=options.reveal)
        try:
            written = _write(target, rows)
        except OSError as error:
            raise UsageError(f"{target}: cannot be written: {error.strerror}") from None
    print(f"{written:,} dead letters in {target}")
    return 0


def _whole_letters(
    store: DeadLetterStore, reader: RawReader, chosen: Filters, *, is_revealed: bool
) -> Iterator[dict[str, Any]]:
    shower = Shower(store.file_facts(), is_revealed=is_revealed)
    letters = store.letters(chosen)
    while some := list(islice(letters, _AT_ONCE)):
        for letter, text in zip(some, reader.read(some), strict=True):
            yield output.flat(letter, shower.show(letter, text))


def _write(target: Path, rows: Iterator[dict[str, Any]]) -> int:
    """Write rows in the form the name's ending asks for, whole or not at all."""
    writers: dict[str, Callable[[TextIO, dict[str, Any], bool], None]] = {".csv": _csv_row, ".ndjson": _json_row}
    write = writers.get(target.suffix)
    if write is None:
        raise UsageError(f"{target}: the name must end in {' or '.join(writers)}")
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    written = 0
    try:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            for row in rows:
                write(file, row, written == 0)
                written += 1
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return written


def _csv_row(file: TextIO, row: dict[str, Any], is_first: bool) -> None:
    text = output.as_csv([row])
    file.write(text if is_first else text.partition("\n")[2])


def _json_row(file: TextIO, row: dict[str, Any], _is_first: bool) -> None:
    file.write(json.dumps(row | {"reasons": json.loads(row["reasons"])}, ensure_ascii=False) + "\n")


def discard(options: argparse.Namespace, settings: Settings) -> int:
    """Close letters for good."""
    with persist(lambda: open_from(settings.dead_letters)) as store:
        done = store.discard(_narrowed(options), actor(), options.because)
    print(f"{done:,} dead letters discarded")
    return 0


def reopen(options: argparse.Namespace, settings: Settings) -> int:
    """Take a discard back."""
    with persist(lambda: open_from(settings.dead_letters)) as store:
        done = store.reopen(_narrowed(options), actor(), options.because)
    print(f"{done:,} dead letters open again")
    return 0


def _narrowed(options: argparse.Namespace) -> Filters:
    chosen = filters_of(options)
    if chosen.model_copy(update={"status": None}) == Filters(status=None) and not options.all:
        raise UsageError("this would take every dead letter there is: choose some, or say --all")
    return chosen


def stats(options: argparse.Namespace, settings: Settings) -> int:
    """Print how much is open, since when, and why."""
    with persist(lambda: open_from(settings.dead_letters)) as store:
        found = store.stats(filters_of(options))
    if options.format == "json":
        print(found.model_dump_json(indent=1))
        return 0
    print("  ".join(f"{status.value} {number:,}" for status, number in found.by_status.items()))
    if found.oldest_open_at:
        print(f"oldest open: first seen {found.oldest_open_at:%Y-%m-%d %H:%M} UTC")
        print(output.as_table([{"first seen": age, "open": number} for age, number in found.open_by_age.items()]))
        print()
        print(output.as_table([one.model_dump(mode="json") for one in found.open_by_reason]))
    return 0


def changes(options: argparse.Namespace, settings: Settings) -> int:
    """Print who did what."""
    with persist(lambda: open_from(settings.dead_letters)) as store:
        found = store.changes(options.limit)
    rows = [one.model_dump(mode="json") | {"at": f"{one.at:%Y-%m-%d %H:%M:%S}"} for one in found]
    print(output.render(rows, options.format))
    return 0


def purge(options: argparse.Namespace, settings: Settings) -> int:
    """Delete what is done with and old."""
    days = options.days or settings.dead_letters.retention_days
    if days is None:
        raise UsageError("how old? say --days N, or set `dead_letters.retention_days` in the config")
    with persist(lambda: open_from(settings.dead_letters)) as store:
        print(f"{store.purge(days, actor()):,} dead letters deleted")
    return 0


def key(_options: argparse.Namespace, _settings: Settings) -> int:
    """Print a fresh key."""
    print(new_key())
    return 0


def _note_reveal(store: DeadLetterStore, options: argparse.Namespace, what: str, letters: int) -> None:
    if options.reveal:
        store.note_reveal(actor(), what, letters)
