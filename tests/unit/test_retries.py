from __future__ import annotations

import errno
import gzip
import sqlite3
import urllib.error
from email.message import Message

import pytest
import sqlalchemy
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from expectations.errors import UsageError
from tasks.retries import RetryPlan, call_with_retries, is_transient


def sql_error(message: str) -> OperationalError:
    return OperationalError("select 1", {}, sqlite3.OperationalError(message))


def http_error(status: int) -> urllib.error.HTTPError:
    return urllib.error.HTTPError("http://x", status, "", Message(), None)


@pytest.mark.parametrize(
    "error",
    [
        TimeoutError(),
        ConnectionResetError(),
        ConnectionRefusedError(),
        OSError(errno.EIO, "input/output error"),
        http_error(503),
        http_error(429),
        sql_error("database is locked"),
    ],
)
def test_what_passes_by_is_tried_again(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        UsageError("wrong"),
        ValueError("wrong"),
        AssertionError("the balance does not close"),
        FileNotFoundError(),
        PermissionError(),
        IsADirectoryError(),
        gzip.BadGzipFile(),
        OSError(errno.ENOSPC, "no space left on device"),
        http_error(404),
        http_error(403),
        sql_error("no such table: dead_letters"),
        KeyError("x"),
    ],
)
def test_what_needs_a_person_is_not(error: Exception) -> None:
    assert not is_transient(error)


def test_a_locked_database_and_a_missing_table_are_told_apart_as_they_really_come() -> None:
    engine = sqlalchemy.create_engine("sqlite://")

    with pytest.raises(OperationalError) as missing, engine.connect() as connection:
        connection.execute(sqlalchemy.text("select * from nowhere"))

    assert not is_transient(missing.value)


def test_an_unreachable_postgresql_is_transient() -> None:
    engine = sqlalchemy.create_engine("postgresql+psycopg://sluice@127.0.0.1:9/x", connect_args={"connect_timeout": 2})

    with pytest.raises(OperationalError) as refused:
        engine.connect()

    assert is_transient(refused.value)


def test_it_is_tried_as_often_as_planned_and_then_raised() -> None:
    tries: list[int] = []
    waits: list[float] = []

    def fail() -> None:
        tries.append(1)
        raise TimeoutError

    with pytest.raises(TimeoutError):
        call_with_retries(fail, RetryPlan(attempts=4, first_delay_seconds=1, jitter=0), sleep=waits.append)

    assert len(tries) == 4
    assert waits == [1, 2, 4]


def test_a_lasting_error_is_raised_at_once() -> None:
    waits: list[float] = []

    with pytest.raises(FileNotFoundError):
        call_with_retries(lambda: open("/nowhere"), RetryPlan(), sleep=waits.append)  # noqa: PTH123, SIM115 - fails

    assert waits == []


@given(attempts=st.integers(1, 12), first=st.floats(0, 10), jitter=st.floats(0, 1))
def test_delays_double_and_jitter_only_adds_its_share(attempts: int, first: float, jitter: float) -> None:
    delays = list(RetryPlan(attempts, first, jitter).delays_seconds())

    assert len(delays) == attempts - 1
    for retry, delay in enumerate(delays):
        assert first * 2**retry <= delay <= first * 2**retry * (1 + jitter) * (1 + 1e-9)
