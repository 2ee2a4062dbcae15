"""Which signs may be the delimiter, the quote and the escape of a text: those worth trying (see `dialect`)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from string import punctuation
from unicodedata import category

from tasks.ingest.cell_kinds import Kind, kind_of
from tasks.ingest.csv_grammar import split_line
from tasks.ingest.text_lines import read_records
from tasks.models import Dialect

_CONTROLS = tuple(chr(code) for code in (*range(0x01, 0x09), *range(0x0E, 0x1A), *range(0x1B, 0x20)))
_STRONG = (",", ";", "\t", "|", "^", "~", "¦", "§", *_CONTROLS)
_WEAK = (":", " ", "#", "@", "&", "*", "%", "!")  # common inside cells
_DELIMITERS = (*_STRONG, *_WEAK)
_ODD_QUOTES, _SIDES = "`~^$%*", ",;\t|:"
_ESCAPES = "\\^/~%$*"
_COMPANY = "".join(set(punctuation) - set("\"'_.()\\"))  # of a delimiter nobody thought of, as in `->`
_NEVER = "\"'._-()\\"  # among the signs that nobody thought of as a delimiter
_COMPANY_SHARE = 0.95
_WRAPPED_SHARE = 0.2  # cells in single quotes a line, for these to be no apostrophes
EVEN_SHARE = 0.9  # of the lines that hold a sign the same number of times, for it to be a delimiter nobody thought of
_WHOLE_SHARE = 0.8  # of the lines that are one value each, for a weak delimiter to be part of it
MIN_RUN = 3  # of anything that could be by chance twice
_SINGLE = re.compile(r"(?:^|[,;\t|#^~:] ?)'[^\n]*?'(?= ?[,;\t|#^~:]|$)", re.MULTILINE)
_DOUBLE = re.compile(r'(?:^|[,;\t| ])"[^\n]*?"(?=[,;\t| ]|$)', re.MULTILINE)


def likely_quotes(lines: Sequence[str]) -> list[str]:
    """Quotes worth trying: another than the double one only where more cells are wrapped in it."""
    text = "\n".join(lines)
    single = _count(_SINGLE, text) if "'" in text else 0  # to seek in vain takes as long as the rest of this room
    double = _count(_DOUBLE, text) if '"' in text else 0
    if single >= max(2, double):
        return ["'"] if single > _WRAPPED_SHARE * len(lines) and not double else ['"', "'"]
    if double:
        return ['"']
    odd = {sign: _wrapped_cells(text, sign) for sign in _ODD_QUOTES if sign in text}
    everywhere = [sign for sign, count in odd.items() if count > len(lines)]
    return everywhere or ['"', *(sign for sign, count in odd.items() if count >= MIN_RUN)]


def _count(pattern: re.Pattern[str], text: str) -> int:
    return len(pattern.findall(text))


def _wrapped_cells(text: str, sign: str) -> int:
    """How many cells are wrapped in a sign that is an odd quote; none if it stands anywhere else as well."""
    quote, sides = re.escape(sign), re.escape(_SIDES.replace(sign, ""))
    cell = rf"{quote}(?![{sides}])[^{quote}\n]+(?<![{sides}]){quote}"
    wrapped = len(re.findall(rf"(?:^|(?<=[{sides}])){cell}(?=[{sides}]|$)", text, re.MULTILINE))
    alone = len(re.findall(rf"^{cell}$", text, re.MULTILINE))
    return wrapped - alone if 2 * wrapped == text.count(sign) else 0


def likely_delimiters(lines: Sequence[str], quote: str) -> list[str]:
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
    doubled = [2 * one for one in weak if one != " " and is_even(bare, 2 * one)]
    return list(dict.fromkeys([",", *chosen, *doubled]))  # a comma where nothing parts the text


def is_weak(delimiter: str) -> bool:
    """Whether a delimiter is common inside cells: a weak sign alone, or with nothing but blanks around it."""
    bare = delimiter.strip(" ") or " "
    return len(bare) == 1 and bare not in _STRONG


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
    return [sign for sign in signs if is_even(bare, sign) and not (are_pairs and sign == "=")]


def _is_of_money(lines: Sequence[str], sign: str) -> bool:
    """Whether a sign stands before numbers only, as that of a currency."""
    amount = re.compile(rf"{re.escape(sign)} ?-?\d")
    return category(sign) == "Sc" and all(len(amount.findall(line)) == line.count(sign) for line in lines)


def is_even(lines: Sequence[str], sign: str) -> bool:
    """Whether nearly all lines hold a sign equally often."""
    counts = Counter(line.count(sign) for line in lines if not (line.startswith(sign) or line.endswith(sign)))
    return max(counts.values(), default=0) > EVEN_SHARE * len(lines) and counts.most_common(1)[0][0] > 0


def _with_company(lines: Sequence[str], sign: str, others: Iterable[str]) -> str | None:
    """A sign with those others that nearly always stand before and after it: `, ` or `||` or `|~|`."""
    around = re.escape(" \t".join(others))
    runs = Counter(re.findall(rf"[{around}]*{re.escape(sign)}[{around}]*", "\n".join(lines)))
    company = runs.most_common(1)[0][0]
    # Around an empty cell it stands twice.
    count = sum(times for run, times in runs.items() if not run.replace(company, ""))
    is_common = count > _COMPANY_SHARE * runs.total()
    return company if is_common and len(company) > 1 and company.strip(" ") else None


def _evenness(lines: Sequence[str], delimiter: str, quote: str) -> float:
    """The share of records that have as many cells as most, with a delimiter."""
    return _width_share(lines, Dialect(delimiter=delimiter, quote=quote or None))


def _width_share(lines: Sequence[str], dialect: Dialect) -> float:
    records = read_records(lines, dialect)
    widths = Counter(len(record.fields or []) for record in records)
    return max(widths.values()) / len(records)


def likely_escape(lines: Sequence[str], dialect: Dialect) -> str | None:
    """A sign, mostly a backslash, that mends lines whose quotes are broken or whose cells are too many otherwise."""
    if dialect.quote is not None:
        inner = {sign for sign in _ESCAPES if any(sign + dialect.quote in line for line in lines)}
        mended = {sign: _broken(lines, dialect, sign) for sign in sorted(inner - {dialect.delimiter, dialect.quote})}
        best = min(mended, key=lambda sign: (mended[sign], _ESCAPES.index(sign)), default=None)
        before = _broken(lines, dialect, None) if best is not None else 0
        if best is not None and mended[best] < before and (best == "\\" or before - mended[best] >= MIN_RUN):
            return best
    if dialect.delimiter == "\\" or not any(f"\\{dialect.delimiter}" in line for line in lines):
        return None
    escaped = dialect.model_copy(update={"escape": "\\"})
    return "\\" if _width_share(lines, escaped) > _width_share(lines, dialect) else None


def _broken(lines: Sequence[str], dialect: Dialect, escape: str | None) -> int:
    escaped = dialect.model_copy(update={"escape": escape})
    return sum(split_line(line, escaped) is None for line in lines)
