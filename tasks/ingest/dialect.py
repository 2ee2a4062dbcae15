"""How a text file is written, found from a sample of it (docs/decisions/0013-dialect.md)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import dropwhile, groupby
from string import punctuation
from unicodedata import category

from tasks.ingest.aligned import ALIGNED, find_cuts, has_runs
from tasks.ingest.cell_kinds import Kind, is_typed, kind_of
from tasks.ingest.csv_grammar import split_line
from tasks.ingest.options import ReadOptions
from tasks.ingest.quoted_lines import are_quoted, bare, is_table
from tasks.ingest.text_lines import Record, has_mixed_ends, line_end_of, read_records, split_lines
from tasks.models import Dialect
from tasks.sources import MIXED

_NOTHING_GIVEN = ReadOptions()

_CONTROLS = tuple(chr(code) for code in (*range(0x01, 0x09), *range(0x0E, 0x1A), *range(0x1B, 0x20)))
_STRONG = (",", ";", "\t", "|", "^", "~", "¦", "§", *_CONTROLS)
_WEAK = (":", " ", "#", "@", "&", "*", "%", "!")  # common inside cells
_DELIMITERS = (*_STRONG, *_WEAK)
_ODD_QUOTES, _SIDES = "`~^$%*", ",;\t|:"
_ESCAPES = "\\^/~%$*"
_COMPANY = "".join(set(punctuation) - set("\"'_.()\\"))  # of a delimiter nobody thought of, as in `->`
_NEVER = "\"'._-()\\"  # among the signs that nobody thought of as a delimiter
SAMPLE_LINES = 400
_TYPED_ROWS = 60
_COMPANY_SHARE = 0.95
_WRAPPED_SHARE = 0.2  # cells in single quotes a line, for these to be no apostrophes
_EVEN_SHARE = 0.9  # of the lines that hold a sign the same number of times, for it to be a delimiter nobody thought of
_WEAK_SHARE = 0.6  # of the records that must have the same width, for a weak delimiter
_WHOLE_SHARE = 0.8  # of the lines that are one value each, for a weak delimiter to be part of it
_ONE_COLUMN_SHARE = 0.7  # of the rows that have one cell, for the others to be sentences with a delimiter in them
_TOGETHER_SHARE = 0.5  # of the rows that have more, for these to be a table
_LONG = 40  # characters, for a cell to be rather a sentence
_HALF, _LATE = 0.55, 0.85  # what a weak delimiter counts, and one that does not part the first line like the others
_CERTAIN = 2.5  # a score with two expected names, at least: no sign that is common inside cells parts them as well
_POOR = 0.2  # a score that is no reason against columns that are lined up
_NO_DECIMAL = re.compile(r"(?<!\d),|,(?!\d)")  # a comma that no number holds
_MIN_RUN = 3  # records of one width that follow each other, to be a table of their own


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
    quotes = _quotes(lines) if options.quote is None else [options.quote]
    for quote in quotes:
        delimiters = (
            list(dict.fromkeys([",", *_delimiters(lines, quote)])) if options.delimiter is None else [options.delimiter]
        )
        for delimiter in delimiters:
            if best_score > _CERTAIN and _is_weak(delimiter) and best is not None and not _is_weak(best.delimiter):
                continue
            dialect = Dialect(delimiter=delimiter, quote=quote or None, line_end=line_end)
            escape = _escape(lines, dialect) if options.escape is None else options.escape
            dialect = dialect.model_copy(update={"escape": escape or None})
            score = _score(lines, dialect, expected)
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
        return (_quoted_share(lines, parted) or 0) < _EVEN_SHARE
    is_decimal = parted.delimiter == "," and all(_NO_DECIMAL.search(line) is None for line in lines)
    if not (is_decimal or _is_weak(parted.delimiter) or score < _POOR):
        return False
    rows = (record.fields or [] for record in read_records(lines, parted))
    return has_runs([",".join(cell.strip() for cell in row) for row in rows])


def _telling(lines: Sequence[str]) -> list[str]:
    """The lines that say something: not blank, and no remarks at the beginning, if there are others."""
    filled = [line for line in lines if line.strip()]
    plain = list(dropwhile(lambda line: line.startswith("#"), filled))
    return plain if len(plain) > 1 else filled


def _quotes(lines: Sequence[str]) -> list[str]:
    """Quotes worth trying: another than the double one only where more cells are wrapped in it."""
    text = "\n".join(lines)
    single = len(re.findall(r"(?:^|[,;\t|#^~:] ?)'[^\n]*?'(?= ?[,;\t|#^~:]|$)", text, re.MULTILINE))
    double = len(re.findall(r'(?:^|[,;\t| ])"[^\n]*?"(?=[,;\t| ]|$)', text, re.MULTILINE))
    if single >= max(2, double):
        return ["'"] if single > _WRAPPED_SHARE * len(lines) and not double else ['"', "'"]
    if double:
        return ['"']
    odd = {sign: _wrapped_cells(text, sign) for sign in _ODD_QUOTES if sign in text}
    everywhere = [sign for sign, count in odd.items() if count > len(lines)]
    return everywhere or ['"', *(sign for sign, count in odd.items() if count >= _MIN_RUN)]


def _wrapped_cells(text: str, sign: str) -> int:
    """How many cells are wrapped in a sign that is an odd quote; none if it stands anywhere else as well."""
    quote, sides = re.escape(sign), re.escape(_SIDES.replace(sign, ""))
    cell = rf"{quote}(?![{sides}])[^{quote}\n]+(?<![{sides}]){quote}"
    wrapped = len(re.findall(rf"(?:^|(?<=[{sides}])){cell}(?=[{sides}]|$)", text, re.MULTILINE))
    alone = len(re.findall(rf"^{cell}$", text, re.MULTILINE))
    return wrapped - alone if 2 * wrapped == text.count(sign) else 0


def _delimiters(lines: Sequence[str], quote: str) -> list[str]:
    """Delimiters worth trying; where one nearly always comes with the same signs around it, with these as well."""
    sign = re.escape(quote)
    bare = [re.sub(f"{sign}.*?{sign}", quote, line) if quote else line for line in lines]
    strong = [one for one in _STRONG if any(one in line for line in bare)]
    weak = [one for one in _WEAK if any(one in line for line in bare)]
    found = [*strong, *([] if _are_values(lines) else [*weak, *_even_signs(bare)])]
    chosen = []
    for one in found:
        if one == quote:
            continue
        company = _DELIMITERS if one in _DELIMITERS else _COMPANY
        longer = _with_company(bare, one, [other for other in company if other != quote])
        if longer is None or _evenness(lines, longer, quote) < _evenness(lines, one, quote):
            chosen.append(one)
        if longer is not None:
            chosen.append(longer)
    doubled = [2 * one for one in weak if one != " " and _is_even(bare, 2 * one)]
    return list(dict.fromkeys([",", *chosen, *doubled]))  # a comma where nothing parts the text


def _are_values(lines: Sequence[str]) -> bool:
    """Whether most lines are one date, address or the like: what a weak delimiter would only take apart."""
    kinds = [kind_of(line) for line in lines[1:]]
    return sum(kind not in (Kind.WORDS, Kind.EMPTY) for kind in kinds) > _WHOLE_SHARE * len(kinds)


def _even_signs(bare: Sequence[str]) -> list[str]:
    """Any other signs that nearly every line holds equally often, and never at its ends."""
    first = set(bare[0]) if bare else set()
    signs = sorted(sign for sign in first if not (sign.isalnum() or sign.isspace() or sign in (*_NEVER, *_DELIMITERS)))
    signs = [sign for sign in signs if sign.isascii() or not category(sign).startswith("P")]  # as in 。
    signs = [sign for sign in signs if not _is_of_money(bare, sign)]
    are_pairs = all(word.count("=") == 1 for line in bare for word in line.split())  # `key=value key=value`
    return [sign for sign in signs if _is_even(bare, sign) and not (are_pairs and sign == "=")]


def _is_of_money(lines: Sequence[str], sign: str) -> bool:
    """Whether a sign stands before numbers only, as that of a currency."""
    amount = re.compile(rf"{re.escape(sign)} ?-?\d")
    return category(sign) == "Sc" and all(len(amount.findall(line)) == line.count(sign) for line in lines)


def _is_even(lines: Sequence[str], sign: str) -> bool:
    counts = Counter(line.count(sign) for line in lines if not (line.startswith(sign) or line.endswith(sign)))
    return max(counts.values(), default=0) > _EVEN_SHARE * len(lines) and counts.most_common(1)[0][0] > 0


def _evenness(lines: Sequence[str], delimiter: str, quote: str) -> float:
    """The share of records that have as many cells as most, with a delimiter."""
    return _width_share(lines, Dialect(delimiter=delimiter, quote=quote or None))


def _width_share(lines: Sequence[str], dialect: Dialect) -> float:
    records = read_records(lines, dialect)
    widths = Counter(len(record.fields or []) for record in records)
    return max(widths.values()) / len(records)


def _with_company(lines: Sequence[str], sign: str, others: Iterable[str]) -> str | None:
    """A sign with those others that nearly always stand before and after it: `, ` or `||` or `|~|`."""
    around = re.escape(" \t".join(others))
    runs = Counter(re.findall(rf"[{around}]*{re.escape(sign)}[{around}]*", "\n".join(lines)))
    company = runs.most_common(1)[0][0]
    # Around an empty cell it stands twice.
    count = sum(times for run, times in runs.items() if not run.replace(company, ""))
    is_common = count > _COMPANY_SHARE * runs.total()
    return company if is_common and len(company) > 1 and company.strip(" ") else None


def _score(lines: Sequence[str], dialect: Dialect, expected: frozenset[str]) -> float:
    """How well a dialect explains the lines: rows of one width, of several columns, of cells that look like values."""
    records = read_records(lines, dialect)
    rows = [record.fields for record in records if record.fields is not None]
    if not rows or is_one_column(rows):
        return 0.0
    widths = Counter(len(row) for row in rows if len(row) > 1)
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    is_weak = _is_weak(dialect.delimiter)
    if is_weak:
        quoted_share = _quoted_share(lines, dialect)
        is_weak = quoted_share is None or quoted_share < _EVEN_SHARE
        if is_weak and (quoted_share is not None or not _is_plain_table(rows, count / len(records))):
            return 0.0
    if dialect.delimiter == "," and _is_decimal(lines):
        return _POOR
    share: float = (count if is_weak else max(count, _in_two_tables(records))) / len(records)
    begins_well = 1 if len(rows[0]) == width else _LATE
    score = share**4 * begins_well * (1 - 1 / (width + 1)) * _likely(rows, width) * (_HALF if is_weak else 1)
    named = max(sum(cell.strip().casefold() in expected for cell in row) for row in rows)
    return score + named


def _is_decimal(lines: Sequence[str]) -> bool:
    """Whether all commas are within numbers, and another sign parts the lines as evenly."""
    return all(_NO_DECIMAL.search(line) is None for line in lines) and any(_is_even(lines, sign) for sign in ";\t|")


def _is_plain_table(rows: Sequence[Sequence[str]], share: float) -> bool:
    """Whether rows are so much alike that even a weak delimiter may have parted them."""
    if len(rows[0]) == 1 and not any(is_typed(cell) for row in rows for cell in row if cell.strip()):
        return False  # a name over names of two words each
    return len(rows) > 1 and share >= (_EVEN_SHARE if len(rows[0]) == 1 else _WEAK_SHARE)


def _likely(rows: Sequence[Sequence[str]], width: int) -> float:
    """How much cells look like values: typed, or short and without a tab in them; and how many columns have any."""
    cells = [cell for row in rows[:_TYPED_ROWS] for cell in row]
    likely = sum(is_typed(cell) or (len(cell) < _LONG and "\t" not in cell) for cell in cells) / len(cells)
    used = {place for row in rows[:_TYPED_ROWS] for place, cell in enumerate(row[:width]) if cell.strip()}
    return (0.7 + 0.3 * likely) * (0.7 + 0.3 * len(used) / width)


def _is_weak(delimiter: str) -> bool:
    """Whether a delimiter is common inside cells: a weak sign alone, or with nothing but blanks around it."""
    bare = delimiter.strip(" ") or " "
    return len(bare) == 1 and bare not in _STRONG


def _quoted_share(lines: Sequence[str], dialect: Dialect) -> float | None:
    """Beside how much of what is in quotes a delimiter stands on both sides; None where there is too little."""
    if not dialect.quote:
        return None
    quote, sign, text = re.escape(dialect.quote), re.escape(dialect.delimiter), "\n".join(lines)
    cell = rf"{quote}(?:[^{quote}\n]|{quote}{quote})*{quote}"
    count = len(re.findall(cell, text))
    parted = len(re.findall(rf"(?:^|(?<={sign})){cell}(?={sign}|$)", text, re.MULTILINE))
    return parted / count if count >= _MIN_RUN else None


def is_one_column(rows: Sequence[Sequence[str]]) -> bool:
    """Whether rows are those of a single column: hardly any has more cells, and few of these are alike and together."""
    widths = [len(row) for row in rows]
    longest = max((len(list(run)) for width, run in groupby(widths) if width > 1), default=0)
    others = len(rows) - widths.count(1)
    return longest == 0 or (others < (1 - _ONE_COLUMN_SHARE) * len(rows) and longest < max(2, _TOGETHER_SHARE * others))


def _in_two_tables(records: Sequence[Record]) -> int:
    """How many records lie in the two longest runs of one width: one table may follow another."""
    runs = groupby(len(record.fields or []) for record in records)
    lengths = sorted(len(list(run)) for width, run in runs if width > 1)[-2:]
    return sum(lengths) if lengths and lengths[0] >= _MIN_RUN else 0


def _escape(lines: Sequence[str], dialect: Dialect) -> str | None:
    """A sign, mostly a backslash, that mends lines whose quotes are broken or whose cells are too many otherwise."""
    if dialect.quote is not None:
        inner = {sign for sign in _ESCAPES if any(sign + dialect.quote in line for line in lines)}
        mended = {sign: _broken(lines, dialect, sign) for sign in sorted(inner - {dialect.delimiter, dialect.quote})}
        best = min(mended, key=lambda sign: (mended[sign], _ESCAPES.index(sign)), default=None)
        before = _broken(lines, dialect, None) if best is not None else 0
        if best is not None and mended[best] < before and (best == "\\" or before - mended[best] >= _MIN_RUN):
            return best
    if dialect.delimiter == "\\" or not any(f"\\{dialect.delimiter}" in line for line in lines):
        return None
    escaped = dialect.model_copy(update={"escape": "\\"})
    return "\\" if _width_share(lines, escaped) > _width_share(lines, dialect) else None


def _broken(lines: Sequence[str], dialect: Dialect, escape: str | None) -> int:
    escaped = dialect.model_copy(update={"escape": escape})
    return sum(split_line(line, escaped) is None for line in lines)
