"""Great Expectations, without what it does to the program around it."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal


@contextmanager
def warnings_as_before() -> Iterator[None]:
    """Undo `logging.captureWarnings(True)`, which several of its modules call when they are imported."""
    before = warnings.showwarning
    yield
    if warnings.showwarning is not before:
        logging.captureWarnings(capture=False)


def quiet_loggers() -> None:
    """Let only its warnings through, unless somebody asked for more."""
    logger = logging.getLogger("great_expectations")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.WARNING)
    # This one sets itself to INFO when it is imported, and tells of every temporary folder of Data Docs.
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.NOTSET)


def quiet_decimals() -> None:
    """Let decimals become floats in results without a word.

    Great Expectations warns of each that loses digits, with its value, and looks through the sources of the whole call
    stack whether to do so: several milliseconds a decimal.
    """
    from great_expectations import util  # noqa: PLC0415  # not to import it before its warnings are kept in check

    def as_float(d: Decimal) -> float:
        return float(d)

    util.convert_decimal_to_float = as_float
