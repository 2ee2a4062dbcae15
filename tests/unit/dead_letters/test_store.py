from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expectations.errors import UsageError
from tasks.dead_letters import database, load, tables
from tasks.dead_letters.ids import letter_id
from tasks.dead_letters.models import Added, FileFacts, Filters, Status
from tasks.dead_letters.replays import Released, ReplayConflictError
from tasks.dead_letters.store import DeadLetterStore, open_store
from tasks.models import Dialect, Stage

from .conftest import Write, batch, letter, reason, replay_facts


def test_what_goes_in_comes_out(store: DeadLetterStore, write: Write) -> None:
    raw = b'x,"\x00\xff\r\ny\n'
    reasons = [reason(), reason("cast_integer", "value", "is not a whole number")]
    path = write(letter(7, raw, last_line=8, stage="cast", reasons=reasons))
    assert store.add([path], batch()) == Added(new=1, known=0)

    (found,) = store.letters()
    assert found.id == letter_id("events", "d1", 7, raw).hex()
    assert (found.file, found.file_digest, found.dataset) == ("file:///data/a.csv", "d1", "events")
    assert (found.line, found.last_line, found.byte_offset, found.records) == (7, 8, 70, 1)
    assert (found.raw, found.stage, found.attempts, found.status) == (raw, Stage.CAST, 0, Status.OPEN)
    assert [one.model_dump() for one in found.reasons] == reasons
    assert (found.contract_digest, found.suite_digest) == ("c1", "s1")
    assert found.first_run == found.last_run == "run-1"
    assert found.first_seen_at == found.last_seen_at == datetime(2026, 11, 1, tzinfo=UTC)
    assert (found.changed_by, found.changed_at) == (None, None)


def test_a_whole_file_is_a_letter_without_raw_text(store: DeadLetterStore, write: Write) -> None:
    store.add([write(letter(0, None, records=900, byte_offset=None))], batch())
    (found,) = store.letters()
    assert (found.raw, found.raw_form, found.records, found.byte_offset) == (None, "absent", 900, None)


def test_a_rerun_adds_nothing_and_moves_the_last_run(store: DeadLetterStore, write: Write) -> None:
    path = write(*(letter(line) for line in range(1, 11)))
    assert store.add([path], batch("run-1", 1)) == Added(new=10)
    assert store.add([path], batch("run-1", 1)) == Added(known=10)
    assert store.add([path], batch("run-2", 2, suite_digest="s2")) == Added(known=10)
    found = list(store.letters())
    assert {(one.first_run, one.last_run, one.suite_digest) for one in found} == {("run-1", "run-2", "s2")}
    assert len(found) == 10


def test_an_older_run_loaded_late_changes_no_newer_view(store: DeadLetterStore, write: Write) -> None:
    old = write(letter(1, reasons=[reason("old_reason")]))
    new = write(letter(1, stage="gate", reasons=[reason("new_reason")]))
    store.add([write(letter(99))], batch("run-1"))  # the table knows run-1 before run-2
    store.add([new], batch("run-2", 2))
    store.add([old], batch("run-1"))
    (found,) = store.letters(Filters(reason="new_reason"))
    assert (found.first_run, found.last_run, found.stage) == ("run-1", "run-2", Stage.GATE)


def test_equal_lines_of_other_files_lines_and_datasets_are_other_letters(store: DeadLetterStore, write: Write) -> None:
    path = write(
        letter(1), letter(2), letter(1, b"other"), letter(1, file_digest="d2"), letter(1, None), letter(1, b"")
    )
    assert store.add([path], batch()) == Added(new=6)
    assert store.add([path], batch(dataset="flights")) == Added(new=6)


def test_letters_repeated_within_a_load_count_once(store: DeadLetterStore, write: Write) -> None:
    assert store.add([write(letter(1), letter(1)), write(letter(1))], batch()) == Added(new=1, known=2)


def test_pieces_of_any_size_give_the_same_table(
    store: DeadLetterStore, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "_CHUNK_LETTERS", 7)
    path = write(*(letter(line, reasons=[reason(f"code_{line % 3}")]) for line in range(100)))
    assert store.add([path], batch()) == Added(new=100)
    assert [(one.code, one.letters) for one in store.counts_by_reason()] == [
        ("code_0", 34),
        ("code_1", 33),
        ("code_2", 33),
    ]


@given(
    letters=st.lists(
        st.builds(
            letter, st.integers(1, 5), st.sampled_from([None, b"", b"x"]), file_digest=st.sampled_from(["a", "b"])
        ),
        max_size=20,
    ),
    cuts=st.lists(st.integers(0, 20), max_size=3),
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_loads_leave_the_set_of_letters(
    store: DeadLetterStore, write: Write, letters: list[dict[str, object]], cuts: list[int]
) -> None:
    before = {one.id for one in store.letters()}
    added = store.add([write(*letters), *(write(*letters[:cut]) for cut in cuts)], batch())
    ids = {letter_id("events", one["file_digest"], one["line"], one["raw"]).hex() for one in letters}  # type: ignore[arg-type]  # a letter's fields
    assert {one.id for one in store.letters()} == before | ids
    assert added.new == len(ids - before)
    assert added.new + added.known == len(letters) + sum(len(letters[:cut]) for cut in cuts)


def test_listing_by_reason_column_file_run_and_stage(store: DeadLetterStore, write: Write) -> None:
    store.add(
        [
            write(
                letter(1),
                letter(2, stage="cast", reasons=[reason("cast_integer", "value"), reason("cast_datetime", "start")]),
                letter(3, file="file:///data/50%_b.csv", file_digest="d2"),
            )
        ],
        batch("run-1"),
    )
    store.add([write(letter(4))], batch("run-2", 2))

    def lines(**filters: object) -> list[int]:
        chosen = Filters.model_validate(filters)
        found = sorted(one.line for one in store.letters(chosen))
        assert store.count(chosen) == len(found)
        return found

    assert lines() == [1, 2, 3, 4]
    assert lines(reason="cast_datetime") == lines(column="start") == lines(stage="cast") == [2]
    assert lines(reason="cast_integer", column="start") == []
    assert lines(file="50%_b") == lines(file="*/50%_b.csv") == lines(file="file:///data/50?_b*") == [3]
    assert lines(file="%") == [3]
    assert lines(file="*.csv", run_id="run-2") == [4]
    assert lines(dataset="flights") == lines(status="discarded") == []
    assert lines(status=None) == [1, 2, 3, 4]
    assert lines(first_seen_before=datetime(2026, 11, 2, tzinfo=UTC)) == [1, 2, 3]
    assert lines(first_seen_after=datetime(2026, 11, 2, tzinfo=UTC)) == [4]
    one = next(store.letters())
    assert lines(ids=[one.id]) == lines(ids=[one.id[:13].upper()]) == [one.line]
    assert len(list(store.letters(limit=2))) == 2


def test_an_id_that_is_none_is_refused(store: DeadLetterStore) -> None:
    for wrong in ("xyz", "", "a" * 65):
        with pytest.raises(UsageError, match="is not an id"):
            store.count(Filters(ids=(wrong,)))


def test_counts_by_reason(store: DeadLetterStore, write: Write) -> None:
    twice = [
        reason("cast_integer", "value"),
        reason("cast_integer", "value", "said twice"),
        reason("cast_integer", "age"),
    ]
    store.add([write(letter(1), letter(2), letter(3, stage="cast", reasons=twice))], batch())
    found = [(one.stage.value, one.code, one.column, one.letters) for one in store.counts_by_reason()]
    assert found == [
        ("parse", "too_few_fields", None, 2),
        ("cast", "cast_integer", "age", 1),
        ("cast", "cast_integer", "value", 1),
    ]
    assert store.counts_by_reason(Filters(dataset="flights")) == ()


def test_stats(store: DeadLetterStore, write: Write) -> None:
    assert store.stats().oldest_open_at is None
    store.add([write(letter(1), letter(2))], batch())
    stats = store.stats()
    assert stats.by_status == {Status.OPEN: 2, Status.REPLAYED: 0, Status.DISCARDED: 0}
    assert stats.oldest_open_at == datetime(2026, 11, 1, tzinfo=UTC)
    assert sum(stats.open_by_age.values()) == 2
    assert [one.letters for one in stats.open_by_reason] == [2]


def test_a_file_of_something_else_is_refused(store: DeadLetterStore, tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    pl.DataFrame({"line": [1]}).write_parquet(path)
    with pytest.raises(UsageError, match="not a file of dead letters"):
        store.add([path], batch())


def test_how_a_file_is_written_is_kept(store: DeadLetterStore, write: Write) -> None:
    facts = FileFacts(
        file_digest="d1", file_format="csv", encoding="utf-8", dialect=Dialect(delimiter=";"), header=("a", "b")
    )
    store.add([write(letter(1))], batch(files=(facts,)))
    with database.reading(store.engine) as connection:
        row = connection.execute(sa.select(tables.source)).mappings().one()
    assert (row["file_format"], row["encoding"], row["header"]) == ("csv", "utf-8", '["a", "b"]')
    assert Dialect.model_validate_json(row["dialect"]) == facts.dialect


def test_the_views_show_whole_letters(store: DeadLetterStore, write: Write) -> None:
    store.add([write(letter(1, reasons=[reason("a"), reason("b")]))], batch())
    with database.reading(store.engine) as connection:
        shown = connection.execute(sa.text("SELECT id, dataset, stage, first_run, status FROM dead_letters")).one()
        codes = connection.execute(sa.text("SELECT id, code FROM dead_letter_reasons ORDER BY ordinal")).all()
    id_ = letter_id("events", "d1", 1, b"a,b\n").hex()
    assert tuple(shown) == (id_, "events", "parse", "run-1", "open")
    assert [tuple(row) for row in codes] == [(id_, "a"), (id_, "b")]


_TOO_LATE = 7
_PATIENCE_SECONDS = 120  # where one process fails, the other must not wait for ever


def _load_and_replay(url: str, path: Path, name: str, start: multiprocessing.synchronize.Barrier) -> None:
    """Load what the other process loads, then release what the other process releases."""
    with open_store(url) as store:
        start.wait(_PATIENCE_SECONDS)
        store.add([path], batch(f"run-{name}"))
        start.wait(_PATIENCE_SECONDS)
        ids = [bytes.fromhex(one.id) for one in store.letters(Filters(reason="code_7", status=None))]
        try:
            store.record_replay(replay_facts(name), [Released(id_, b"mended", "x") for id_ in ids], ids, {})
        except ReplayConflictError:
            sys.exit(_TOO_LATE)


def test_processes_at_the_same_time_neither_double_nor_lose(url: str, write: Write) -> None:
    path = write(*(letter(line, reasons=[reason(f"code_{line % 50}")]) for line in range(2_000)))
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(2)
    both = [context.Process(target=_load_and_replay, args=(url, path, name, start)) for name in ("one", "two")]
    for process in both:
        process.start()
    for process in both:
        process.join(_PATIENCE_SECONDS)
    assert sorted(process.exitcode or 0 for process in both) == [0, _TOO_LATE]
    with open_store(url) as store:
        assert store.count(Filters(status=None)) == 2_000
        assert sum(one.letters for one in store.counts_by_reason(Filters(status=None))) == 2_000
        replayed = list(store.letters(Filters(status=Status.REPLAYED)))
        assert [one.attempts for one in replayed] == [1] * 40
        assert len(store.releases("events", ["d1"])) == 40


def _die_in_piece(url: str, path: Path, pieces_before: int) -> None:
    load._CHUNK_LETTERS = 100
    merge, left = load._merge, [pieces_before]

    def dying(connection: sa.Connection) -> Added:
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        return merge(connection)

    load._merge = dying
    with open_store(url) as store:
        store.add([path], batch())


def test_a_killed_load_is_whole_after_it_is_repeated(url: str, write: Write) -> None:
    path = write(*(letter(line) for line in range(1_000)))
    process = multiprocessing.get_context("spawn").Process(target=_die_in_piece, args=(url, path, 4))
    process.start()
    process.join(_PATIENCE_SECONDS)
    assert process.exitcode == -signal.SIGKILL
    with open_store(url) as store:
        assert store.count() == 400
        assert store.add([path], batch()) == Added(new=600, known=400)
        assert store.count() == 1_000
