"""A backtest as HTML, as Markdown for a pull request, and as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import computed_field

from tasks.dead_letters.backtests import BatchBacktest, Moved
from tasks.dead_letters.pages import render_html
from tasks.models import Frozen
from tasks.whole_files import write_text_whole

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+|!~&-])")
_MARKDOWN_ROWS = 30


class BacktestReport(Frozen):
    """What a changed suite or contract would do to past batches."""

    dataset: str
    suite: str
    contract: str | None
    batches: tuple[BatchBacktest, ...]
    left_out: tuple[str, ...] = ()
    limit_words: str = ""

    @computed_field  # type: ignore[prop-decorator]  # pydantic's own way
    @property
    def rejected(self) -> int:
        """Accepted rows that would be rejected."""
        return sum(batch.rejected for batch in self.batches)

    @computed_field  # type: ignore[prop-decorator]  # pydantic's own way
    @property
    def released(self) -> int:
        """Rejected rows that would be accepted."""
        return sum(batch.released for batch in self.batches)

    @computed_field  # type: ignore[prop-decorator]  # pydantic's own way
    @property
    def rejected_share(self) -> float:
        """Of all accepted rows."""
        accepted = sum(batch.rows_before.accepted for batch in self.batches)
        return self.rejected / accepted if accepted else 0.0


def write_backtest(report: BacktestReport, folder: Path) -> None:
    """Write `backtest.html`, `backtest.md` and `backtest.json`, each whole or not at all."""
    write_text_whole(folder / "backtest.html", render_html("backtest.html.j2", report=report))
    write_text_whole(folder / "backtest.md", as_markdown(report))
    write_text_whole(folder / "backtest.json", report.model_dump_json(indent=1) + "\n")


def as_markdown(report: BacktestReport) -> str:
    """The backtest as Markdown. What comes from data is escaped."""
    return "\n".join(_markdown(report)) + "\n"


def _markdown(report: BacktestReport) -> Iterator[str]:
    tried = _plain(report.suite) + (f" and {_plain(report.contract)}" if report.contract else "")
    yield f"## Backtest of {_plain(report.dataset)}"
    yield ""
    yield (
        f"{tried} over {len(report.batches)} past batches: **{report.rejected:,}** accepted rows would be rejected "
        f"({report.rejected_share:.3%}), **{report.released:,}** rejected ones released. {report.limit_words}"
    ).rstrip()
    yield ""
    yield from _table(
        ("run", "gate", "newly rejected", "newly released"),
        [
            (
                one.run_id,
                f"{one.verdict_before}, would be {one.verdict_after}",
                f"{one.rejected:,}",
                f"{one.released:,}",
            )
            for one in report.batches
        ],
    )
    for title, moved in (
        ("Newly rejected", [one for batch in report.batches for one in batch.rejected_by]),
        ("Newly released", [one for batch in report.batches for one in batch.released_by]),
    ):
        if moved:
            yield f"### {title}"
            yield ""
            yield from _table(("reason", "column", "file", "rows", "for example"), [_row(one) for one in moved])
    for why in report.left_out:
        yield f"Left out: {_plain(why)}"


def _row(one: Moved) -> tuple[str, ...]:
    return (f"{one.code}: {one.message}", one.column or "", one.file, f"{one.rows:,}", " / ".join(one.sample[:1]))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows[:_MARKDOWN_ROWS]:
        yield "| " + " | ".join(_plain(cell) for cell in row) + " |"
    yield ""
    if len(rows) > _MARKDOWN_ROWS:
        yield f"and {len(rows) - _MARKDOWN_ROWS:,} more"
        yield ""


def _plain(text: str) -> str:
    """A text that Markdown prints as it is, on one line."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
