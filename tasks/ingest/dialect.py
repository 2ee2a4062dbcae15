"""How a text file is written, found from a sample of it (docs/decisions/0013-dialect.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import dropwhile

from tasks.ingest.aligned import ALIGNED, find_cuts, has_runs
from tasks.ingest.dialect_score import POOR, are_decimal_commas, quoted_share, score_of
from tasks.ingest.dialect_signs import EVEN_SHARE, is_weak, likely_delimiters, likely_escape, likely_quotes
from tasks.ingest.options import ReadOptions
from tasks.ingest.quoted_lines import are_quoted, bare, is_table
from tasks.ingest.text_lines import has_mixed_ends, line_end_of, read_records, split_lines
from tasks.models import Dialect
from tasks.sources import MIXED

_NOTHING_GIVEN = ReadOptions()
SAMPLE_LINES = 400
_CERTAIN = 2.5  # a score with two expected names, at least: no sign that is common inside cells parts them as well


def detect_dialect(text: str, *, names: Iterable[str] = (), options: ReadOptions = _NOTHING_GIVEN) -> Dialect:
    """Find out how a text is written.

    Args:
        text: the first part of the file, of whole lines if it is not all of it.
        names: column names to be expected, if any are known.
        options: what is known already.
    """
    line_end = options.line_end or line_end_of(text, options.quote or '"')
    lines = _telling(split_lines(text, line_end)[:SAMPLE_LINES])
    if options.quote in (None, '"') and are_quoted(lines):
        within = bare("\n".join(lines)).split("\n")
        inner = _detect(within, line_end, names, options)
        if is_table(within, inner):
            return inner.model_copy(update={"has_quoted_lines": True})
    return _detect(lines, line_end, names, options)


def _detect(lines: Sequence[str], line_end: str, names: Iterable[str], options: ReadOptions) -> Dialect:
    expected = frozenset(names)
    best: Dialect | None = None
    best_score = 0.0
    quotes = likely_quotes(lines) if options.quote is None else [options.quote]
    for quote in quotes:
        delimiters = likely_delimiters(lines, quote) if options.delimiter is None else [options.delimiter]
        for delimiter in delimiters:
            if best_score > _CERTAIN and is_weak(delimiter) and best is not None and not is_weak(best.delimiter):
                continue
            dialect = Dialect(delimiter=delimiter, quote=quote or None, line_end=line_end)
            escape = likely_escape(lines, dialect) if options.escape is None else options.escape
            dialect = dialect.model_copy(update={"escape": escape or None})
            score = score_of(lines, dialect, expected)
            is_as_good = score == best_score > 0 and best is not None and best.quote == dialect.quote
            if best is None or score > best_score or is_as_good:
                best, best_score = dialect, score
    assert best is not None
    best = _lined_up(lines, best, options, best_score)
    is_mixed = options.line_end is None and has_mixed_ends(lines, best)
    return best.model_copy(update={"line_end": MIXED}) if is_mixed else best


def _lined_up(lines: Sequence[str], parted: Dialect, options: ReadOptions, score: float) -> Dialect:
    """The dialect of columns that are lined up, if that is given, or if no delimiter parts the lines as well."""
    is_given = options.delimiter == ALIGNED
    if not is_given and (options.delimiter is not None or not _may_be_lined_up(lines, parted, score)):
        return parted
    cuts = find_cuts(lines)
    if not cuts and not is_given:
        return parted
    return Dialect(delimiter=ALIGNED, cuts=cuts, quote=None, line_end=parted.line_end)


def _may_be_lined_up(lines: Sequence[str], parted: Dialect, score: float) -> bool:
    """Whether a delimiter leaves runs of blanks in the cells, and is no sound one; or is a blank itself."""
    if parted.delimiter == " ":
        return (quoted_share(lines, parted) or 0) < EVEN_SHARE
    is_decimal = parted.delimiter == "," and are_decimal_commas(lines)
    if not (is_decimal or is_weak(parted.delimiter) or score < POOR):
        return False
    rows = (record.fields or [] for record in read_records(lines, parted))
    return has_runs([",".join(cell.strip() for cell in row) for row in rows])


def _telling(lines: Sequence[str]) -> list[str]:
    """The lines that say something: not blank, and no remarks at the beginning, if there are others."""
    filled = [line for line in lines if line.strip()]
    plain = list(dropwhile(lambda line: line.startswith("#"), filled))
    return plain if len(plain) > 1 else filled
