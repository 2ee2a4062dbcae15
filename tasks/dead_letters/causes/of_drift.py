"""Causes that lie in a file's columns: they are not the contract's, and its drift policy refuses the row."""

from __future__ import annotations

from tasks.dead_letters.causes.specimen import Diagnosis, Setting, Specimen

_CODES = {
    "extra_column": "new_column",
    "renamed_column": "column_under_an_alias",
    "missing_column": "column_gone",
    "reordered_columns": "columns_reordered",
}


def refused_by_drift(specimen: Specimen, setting: Setting) -> list[Diagnosis]:  # noqa: ARG001 - as all detectors
    """The first of the reasons that come from a drift policy."""
    drifted = (reason for reason in specimen.failed if reason.code in _CODES)
    return [Diagnosis(_CODES[reason.code], reason.column) for reason in drifted][:1]


DETECTORS = (refused_by_drift,)
