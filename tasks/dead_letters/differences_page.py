"""The page of differences between two versions of a run, and the same for machines."""

from __future__ import annotations

from pathlib import Path

from tasks.dead_letters.differences import Differences
from tasks.dead_letters.pages import render_html
from tasks.whole_files import write_text_whole

PAGE, DATA = "differences.html", "differences.json"


def write_differences(found: Differences, folder: Path) -> None:
    """Write `differences.html` and `differences.json` into a run's folder, each whole or not at all."""
    balance = [
        (name, getattr(found.rows_before, name), getattr(found.rows_after, name))
        for name in ("read", "accepted", "dead", "duplicate", "blank")
    ]
    shown = [table for table in found.tables if table.rows]
    first = [table for table in shown if table.name.startswith("by ") or table.name == "daily_trend"]
    page = render_html(
        "differences.html.j2",
        found=found,
        balance=balance,
        first=first,
        other=[table for table in shown if table not in first],
        unnamed=[table for table in found.tables if not table.rows],
    )
    write_text_whole(folder / PAGE, page)
    write_text_whole(folder / DATA, found.model_dump_json(indent=1) + "\n")
