"""Columns that are only lined up, by blanks, and have no delimiter (docs/decisions/0092-aligned-columns.md)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from tasks.ingest.byte_ranks import ByteRanks
from tasks.ingest.csv_lines import Places, line_bounds

ALIGNED = "aligned"  # what a dialect says in place of a delimiter
_LEAST_LINES, _MANY_LINES = 3, 10
_LINED_UP_SHARE = 0.9  # of a column's cells that begin, or end, in the same place
_ALWAYS_SHARE = 0.95  # of the lines in which a cell begins at the end of a gap, for numbers not to do so by their size
_TAKING_PART_SHARE = 0.6  # of the lines, those with runs of blanks in them; the others are titles and notes
_LONGEST_LINE = 5000
_WORD, _RUN, _GAP = re.compile(r"[^ ]+"), re.compile(r"\S {2,}(?=\S)"), re.compile(rb"(?<=\x01)\0+(?=\x01)")
_RULER, _DASHES, _RULED_WITHIN = re.compile(r" *-+( +-+)+ *"), re.compile("-+"), 20
_CONTINUATION = 0b1100_0000, 0b1000_0000  # of a letter of several bytes in UTF-8: these bits, as this


def has_runs(texts: Sequence[str]) -> bool:
    """Whether most texts hold runs of blanks between words, or one is a line drawn below names."""
    return _ruler(texts) is not None or 2 * sum(_RUN.search(text) is not None for text in texts) > len(texts)


def find_cuts(lines: Sequence[str]) -> tuple[int, ...]:
    """Where the columns of some lines begin, the first one left out; none where they are not unmistakably lined up.

    Between two columns there are blanks in every line that is part of the table. They are more than one unless no cell
    holds a blank. And the cells of each column begin together, or end together. Where a line of dashes is drawn below
    the names, that tells the columns.

    Args:
        lines: without blank ones.

    Returns:
        The places, in characters.
    """
    if not lines or not has_runs(lines) or max(map(len, lines)) > _LONGEST_LINE:
        return ()
    ruler = _ruler(lines)
    if ruler is not None:
        return _ruled_cuts(lines, ruler)
    for some in ([line for line in lines if _RUN.search(line)], lines):
        cuts = _cuts(some)
        if cuts and len(some) >= max(_LEAST_LINES, _TAKING_PART_SHARE * len(lines)) and _are_lined_up(some, cuts):
            return cuts
    return ()


def cells_at(line: str, cuts: Sequence[int]) -> list[str]:
    """The cells of a line, without the blanks around them; too few where a word lies across a cut."""
    if not line.strip(" \t"):
        return [line]
    places = [0, *(cut for cut in cuts if line[cut - 1 : cut] in ("", " ")), len(line)]
    return [line[start:end].strip(" ") for start, end in pairwise(places)]


def parted(data: bytes, cuts: Sequence[int], line_end: int, sign: int) -> bytes:
    """Whole lines of UTF-8 with a sign put in before each cell but the first, as `cells_at` tells them."""
    if not data:
        return data
    array = np.frombuffer(data, np.uint8)
    starts, ends = line_bounds(data, ByteRanks(data, line_end))
    mask, value = _CONTINUATION
    letters = np.flatnonzero((array & mask) != value)
    first, after = np.searchsorted(letters, starts), np.searchsorted(letters, ends)
    filled = np.append(0, np.cumsum((array != ord(" ")) & (array != ord("\t"))))
    is_filled = filled[ends] > filled[starts]
    found: list[Places] = []
    for cut in cuts:
        at = first + cut
        place = np.where(at < after, letters[np.minimum(at, len(letters) - 1)], ends)
        is_cell = (at > after) | (array[np.maximum(place - 1, 0)] == ord(" "))
        found.append(place[is_cell & is_filled])
    return np.insert(array, np.concatenate(found), sign).tobytes()


def _ruler(lines: Sequence[str]) -> str | None:
    return next((line for line in lines[:_RULED_WITHIN] if "--" in line and _RULER.fullmatch(line)), None)


def _ruled_cuts(lines: Sequence[str], ruler: str) -> tuple[int, ...]:
    cuts = tuple(dashes.start() for dashes in _DASHES.finditer(ruler))[1:]
    fitting = sum(len(cells_at(line, cuts)) > len(cuts) for line in lines)
    return cuts if fitting >= max(_LEAST_LINES, _TAKING_PART_SHARE * len(lines)) else ()


def _cuts(lines: Sequence[str]) -> tuple[int, ...]:
    gaps = _gaps(lines)
    if any(" " in cell for line in lines for cell in cells_at(line, [end for _, end in gaps])):
        # Names may fill what is wide below them.
        below = [(start, end) for start, end in _gaps(lines[len(lines) > _MANY_LINES :]) if end - start > 1]
        gaps = [gap for gap in gaps if any(start <= gap[0] and gap[1] <= end for start, end in below)]
    return tuple(_cut(lines, start, end) for start, end in gaps)


def _gaps(lines: Sequence[str]) -> list[tuple[int, int]]:
    """What is blank in every line, from where to where, between words."""
    filled = bytearray(max(map(len, lines), default=0))
    for line in lines:
        for word in _WORD.finditer(line):
            filled[word.start() : word.end()] = b"\1" * len(word[0])
    return [gap.span() for gap in _GAP.finditer(filled)]


def _cut(lines: Sequence[str], start: int, end: int) -> int:
    """Where to cut in a gap: where cells begin behind it, or end before it, if they do; else in the middle."""
    begin = sum(line[end : end + 1] not in ("", " ") for line in lines)
    stop = sum(line[start - 1 : start] not in ("", " ") for line in lines)
    if max(begin, stop) < _ALWAYS_SHARE * len(lines):
        return (start + end + 1) // 2
    return end if begin >= stop else start + 1


def _are_lined_up(lines: Sequence[str], cuts: Sequence[int]) -> bool:
    return all(_is_lined_up(lines, start, end) for start, end in pairwise([0, *cuts, _LONGEST_LINE]))


def _is_lined_up(lines: Sequence[str], start: int, end: int) -> bool:
    cells = [line[start:end] for line in lines if line[start:end].strip(" ")]
    begins = Counter(len(cell) - len(cell.lstrip(" ")) for cell in cells)
    stops = Counter(len(cell.rstrip(" ")) for cell in cells)
    most = max(count for places in (begins, stops) for count in places.values())
    return len(cells) - most <= max(1, (1 - _LINED_UP_SHARE) * len(cells))
