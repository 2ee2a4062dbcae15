"""Which errors are worth another try, and how long to wait before it."""

from __future__ import annotations

import errno
import gzip
import logging
import random
import shutil
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar

Result = TypeVar("Result")
_log = logging.getLogger(__name__)

# Trying again does not make a file appear, a disk grow or a permission be granted.
_LASTING_ERRORS = (
    FileNotFoundError,
    FileExistsError,
    IsADirectoryError,
    NotADirectoryError,
    PermissionError,
    gzip.BadGzipFile,
    shutil.Error,
)
_LASTING_ERRNOS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ENAMETOOLONG, errno.EFBIG, errno.ELOOP, errno.EINVAL}
_TRANSIENT_HTTP_STATUSES = {408, 425, 429, 500, 502, 503, 504}
# SQLSTATE classes and codes: connection, serialization, deadlock, too many connections, server going down or up.
_TRANSIENT_SQLSTATES = ("08", "40001", "40P01", "53300", "57P", "55P03")
_TRANSIENT_SQLITE = ("database is locked", "database table is locked", "database is busy")


class RetryPlan(NamedTuple):
    """How often, and how long between."""

    attempts: int = 3
    first_delay_seconds: float = 1.0
    jitter: float = 0.5

    def delays_seconds(self) -> Iterator[float]:
        """The waits between the attempts: doubling, each up to `jitter` longer so that runs do not move in step."""
        for retry in range(self.attempts - 1):
            yield self.first_delay_seconds * 2**retry * (1 + random.uniform(0, self.jitter))  # noqa: S311 - no secret


def is_transient(error: BaseException) -> bool:
    """Whether the same call may succeed a little later.

    True for time-outs, lost connections, busy servers and databases, and disk errors that pass; False for what needs
    a person: missing files, permissions, a full disk, contract and usage errors, and every error not known to pass.
    """
    status = _http_status(error)
    if status is not None:
        return status in _TRANSIENT_HTTP_STATUSES
    if _is_database_error(error):
        return _is_transient_database_error(error)
    if isinstance(error, OSError):  # time-outs and connection errors are OSErrors too
        return not isinstance(error, _LASTING_ERRORS) and error.errno not in _LASTING_ERRNOS
    return type(error).__module__.split(".")[0] == "aiohttp" and "Client" in type(error).__name__


def call_with_retries(
    call: Callable[[], Result],
    plan: RetryPlan,
    is_worth_it: Callable[[BaseException], bool] = is_transient,
    sleep: Callable[[float], None] = time.sleep,
) -> Result:
    """Call until it succeeds, an error is not worth another try, or the plan is used up; then the error is raised."""
    for delay_seconds in plan.delays_seconds():
        try:
            return call()
        except Exception as error:
            if not is_worth_it(error):
                raise
            _log.warning("%s, trying again in %.1f s", type(error).__name__, delay_seconds)
        sleep(delay_seconds)
    return call()


def _http_status(error: BaseException) -> int | None:
    """The status of an error that came from a web server (urllib: code, aiohttp: status, botocore: response)."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    else:
        status = getattr(error, "status", None) or getattr(error, "code", None)
    return status if isinstance(status, int) and 400 <= status < 600 else None


def _is_database_error(error: BaseException) -> bool:
    return any(kind.__module__.startswith(("sqlalchemy.", "sqlite3", "psycopg")) for kind in type(error).__mro__)


def _is_transient_database_error(error: BaseException) -> bool:
    cause = getattr(error, "orig", None) or error
    if getattr(error, "connection_invalidated", False):
        return True
    sqlstate = getattr(cause, "sqlstate", None)
    if sqlstate is not None:
        return str(sqlstate).startswith(_TRANSIENT_SQLSTATES)
    if type(cause).__module__ == "sqlite3":
        return str(cause).startswith(_TRANSIENT_SQLITE)
    # psycopg raises OperationalError without a state where the server could not be reached at all.
    return type(cause).__name__ in ("OperationalError", "ConnectionTimeout", "InterfaceError")
