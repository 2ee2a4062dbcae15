"""How the commands about dead letters end: with one line for people, and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from expectations.errors import UsageError
from flows.finish import DATABASE_AWAY, WRONG_USAGE
from tasks.dead_letters.pending import StoreUnavailableError, one_line


def ended(command: Callable[[], int]) -> int:
    """Run a command; a user's mistake gives 2, a database that is away 3."""
    try:
        return command()
    except UsageError as error:
        return failed(str(error), WRONG_USAGE)
    except StoreUnavailableError as error:
        return failed(str(error), DATABASE_AWAY)
    except DBAPIError as error:
        return failed(one_line(error), DATABASE_AWAY)


def failed(message: str, code: int) -> int:
    """Say why in one line; gives the exit code."""
    print(f"sluice: {message}", file=sys.stderr)
    return code
