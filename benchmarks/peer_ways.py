"""What a user would pick instead, CSV to a page: run by the Python of `requirements-peers.txt`.

None of them reads broken lines, keeps dead letters or makes the tables of the analysis.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

_TIMES = ["session_start", "session_end"]
_TYPES = ["view", "click", "search", "add_to_cart", "purchase", "login", "logout", "support"]


def ydata(path: Path, page: Path) -> None:
    """ydata-profiling, minimal, of a file read without a word about it, as its own first example does."""
    _ydata(path, page, [])


def ydata_dates(path: Path, page: Path) -> None:
    """The same by somebody who knows which columns are dates: half the work."""
    _ydata(path, page, _TIMES)


def _ydata(path: Path, page: Path, times: list[str]) -> None:
    import pandas as pd  # noqa: PLC0415  (only what is measured is imported)
    from ydata_profiling import ProfileReport  # type: ignore[import-not-found]  # noqa: PLC0415

    ProfileReport(pd.read_csv(path, parse_dates=times), minimal=True, progress_bar=False).to_file(page)


def sweetviz(path: Path, page: Path) -> None:
    """Without pairs. It crashes on a column named `value`, and asks NumPy for a name that is gone."""
    import numpy as np  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    if not hasattr(np, "VisibleDeprecationWarning"):
        np.VisibleDeprecationWarning = UserWarning  # type: ignore[attr-defined]
    import sweetviz as sv  # type: ignore[import-not-found]  # noqa: PLC0415

    frame = pd.read_csv(path, parse_dates=_TIMES).rename(columns={"value": "amount"})
    sv.analyze(frame, pairwise_analysis="off").show_html(str(page), open_browser=False)


def pointblank(path: Path, page: Path) -> None:
    """Pointblank on Polars, with rules like those of the gate: a check, no profile."""
    import pointblank as pb  # type: ignore[import-not-found]  # noqa: PLC0415
    import polars as pl  # noqa: PLC0415

    checked = (
        pb.Validate(pl.read_csv(path, try_parse_dates=True))
        .col_vals_not_null(["user_id", "session_start", "event_type"])
        .col_vals_in_set("event_type", _TYPES)
        .col_vals_ge("value", 0, na_pass=True)
        .col_vals_ge("session_end", pb.col("session_start"), na_pass=True)
        .col_vals_regex("metadata", "^device=[a-z]+&city=")
        .rows_distinct(["user_id", "session_start", "event_type"])
        .interrogate()
    )
    page.write_text(checked.get_tabular_report().as_raw_html(), encoding="utf-8")


WAYS: dict[str, tuple[str, str, Callable[[Path, Path], None]]] = {
    "ydata": ("ydata-profiling, minimal", "ydata_profiling", ydata),
    "ydata_dates": ("the same, told which columns are dates", "ydata_profiling", ydata_dates),
    "sweetviz": ("sweetviz, pairs off", "sweetviz", sweetviz),
    "pointblank": ("Pointblank, a check only", "pointblank", pointblank),
}

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        WAYS[sys.argv[1]][2](Path(sys.argv[2]), Path(folder) / "page.html")
