"""Odd text files with known tables in them, and how many the reader reads cell for cell, finding out everything itself.

    python -m benchmarks.odd_tables [--seeds 20] [--first 0] [--kind NAME] [--show]

Each file is made from its kind and its seed alone.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from tasks.ingest.csv_source import Hints, until_understood
from tasks.ingest.faults import FileError
from tasks.ingest.options import ReadOptions
from tasks.ingest.text_table import TextTable
from tasks.sources import SourceError, fingerprint

Row = list[str]

_FIRST = [
    "Anna",
    "Bo",
    "Cleo",
    "Dag",
    "Eva",
    "Finn",
    "Greta",
    "Hugo",
    "Ida",
    "Jens",
    "Kaja",
    "Lars",
    "Mona",
    "Nils",
    "Olga",
    "Per",
    "Rosa",
    "Sven",
    "Tove",
    "Ulla",
]
_LAST = [
    "Berg",
    "Lund",
    "Dietrich",
    "Ek",
    "Holm",
    "Kowalski",
    "Maier",
    "Nguyen",
    "Okafor",
    "Popescu",
    "Rossi",
    "Silva",
    "Tanaka",
    "Weber",
    "Yilmaz",
]
_CITIES = [
    "Oslo",
    "Aarhus",
    "Wien",
    "Lund",
    "Bergen",
    "Porto",
    "Lyon",
    "Gent",
    "Basel",
    "Turin",
    "Graz",
    "Malmö",
    "Kiel",
    "Brno",
    "Split",
]
_WORDS = [
    "late",
    "order",
    "red",
    "box",
    "of",
    "nails",
    "to",
    "be",
    "sent",
    "again",
    "by",
    "post",
    "and",
    "paid",
    "in",
    "cash",
    "on",
    "site",
    "for",
    "the",
    "new",
    "shop",
]
_STATES = ("open", "closed", "on hold", "cancelled")


_TEXTS = {"name", "city", "state", "code", "mail", "note"}


class Kind(NamedTuple):
    """What a column holds: its name, and a value of it."""

    name: str
    unit: str
    value: Callable[[Random], str]


def _sentence(random: Random, joint: str = " ") -> str:
    return joint.join(random.choice(_WORDS) for _ in range(random.randint(2, 7)))


def _remark(random: Random) -> str:
    text = _sentence(random).capitalize()
    return f"{text}, {_sentence(random)}." if random.random() < 0.2 else f"{text}."


_KINDS = (
    Kind("id", "", lambda random: str(random.randint(1, 99_999))),
    Kind("name", "", lambda random: f"{random.choice(_FIRST)} {random.choice(_LAST)}"),
    Kind("city", "", lambda random: random.choice(_CITIES)),
    Kind("amount", "EUR", lambda random: f"{random.uniform(0, 2000):.2f}"),
    Kind("share", "%", lambda random: f"{random.random():.3f}"),
    Kind(
        "date",
        "ISO",
        lambda random: f"20{random.randint(10, 25)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}",
    ),
    Kind("state", "", lambda random: random.choice(_STATES)),
    Kind("code", "", lambda random: f"{random.choice('ABCDEK')}{random.randint(1, 9)}-{random.randint(100, 999)}"),
    Kind("count", "pcs", lambda random: str(random.randint(0, 60))),
    Kind("mail", "", lambda random: f"{random.choice(_FIRST).lower()}@example.org"),
    Kind("note", "", _sentence),
    Kind("time", "UTC", lambda random: f"{random.randint(0, 23):02}:{random.randint(0, 59):02}"),
)


class Table(NamedTuple):
    """A table, and what its columns hold."""

    header: Row
    rows: list[Row]
    kinds: Sequence[Kind]


class Case(NamedTuple):
    """A file, and the table in it."""

    text: str
    header: Row
    rows: list[Row]


def _with_more(made: Table, random: Random, more: Callable[[str], str]) -> list[Row]:
    """The rows, a fifth of the texts in them made to hold something more."""
    texts = [kind.name in _TEXTS for kind in made.kinds]
    return [
        [more(cell) if is_text and random.random() < 0.2 else cell for cell, is_text in zip(row, texts, strict=True)]
        for row in made.rows
    ]


def table(random: Random, columns: int | None = None, rows: int | None = None, *, holes: float = 0.0) -> Table:
    """A table of several columns, the first of them typed."""
    width = columns or random.randint(3, 8)
    first = random.choice([kind for kind in _KINDS if kind.name in ("id", "date", "code", "count")])
    kinds = [first, *random.sample([kind for kind in _KINDS if kind is not first], width - 1)]
    count = rows or random.randint(4, 60)
    body = [[kind.value(random) for kind in kinds] for _ in range(count)]
    for row in body:
        for place in range(1, width):
            row[place] = "" if random.random() < holes else row[place]
    return Table([kind.name for kind in kinds], body, kinds)


def written(rows: Sequence[Row], delimiter: str, quote: str = '"', escape: str = "", *, always: bool = False) -> str:
    """Rows as lines: a cell is quoted where it must be, and a quote in it doubled or escaped."""

    def cell(text: str) -> str:
        must = delimiter in text or text.startswith(quote) or "\n" in text or (quote in text and bool(escape))
        if not (always or must):
            return text
        inner = text.replace(escape, 2 * escape) if escape else text
        return quote + inner.replace(quote, (escape or quote) + quote) + quote

    return "".join(delimiter.join(cell(text) for text in row) + "\n" for row in rows)


def _plain(random: Random) -> Case:
    made = table(random, holes=random.choice((0, 0.1, 0.4)))
    return Case(written([made.header, *made.rows], random.choice(",;\t|")), made.header, made.rows)


def _several_signs(random: Random) -> Case:
    made, sign = (
        table(random),
        random.choice(("||", "::", "~|~", ";;", ", ", " | ", "|~|", "<>", "@@", "^^", "->", "\t\t", "##")),
    )
    return Case(written([made.header, *made.rows], sign), made.header, made.rows)


def _unusual_sign(random: Random) -> Case:
    made, sign = table(random), random.choice("~^¦§#*!&%+=/<>$\x01\x1f\x1e")
    return Case(written([made.header, *made.rows], sign, always=random.random() < 0.3), made.header, made.rows)


def _spaces(random: Random) -> Case:
    made = table(random)
    return Case(written([made.header, *made.rows], " ", always=random.random() < 0.3), made.header, made.rows)


def _aligned(random: Random) -> Case:
    made = table(random)
    has_blanks = random.random() < 0.5
    rows = made.rows if has_blanks else [[cell.replace(" ", "_") for cell in row] for row in made.rows]
    gap = random.choice((2, 3)) if any(" " in cell for row in rows for cell in row) else random.choice((1, 2))
    widths = [max(len(row[place]) for row in [made.header, *rows]) + gap for place in range(len(made.header))]
    lines = [
        "".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [made.header, *rows]
    ]
    return Case("".join(line.rstrip() + "\n" for line in lines), made.header, rows)


def _letter(random: Random) -> Case:
    made = table(random)
    columns = [
        place
        for place, kind in enumerate(made.kinds)
        if kind.name in ("id", "amount", "share", "count", "date", "time")
    ]
    columns = columns if len(columns) > 1 else [0, 0]
    rows = [[row[place] for place in columns] for row in made.rows]
    header = [made.header[place] for place in columns]
    sign = random.choice("xXT")
    return (
        Case(written(rows, sign), [], rows)
        if random.random() < 0.5
        else Case(written([header, *rows], sign), header, rows)
    )


def _one_line(random: Random) -> Case:
    made, sign = table(random, rows=1), random.choice(",;\t|")
    if random.random() < 0.5:
        return Case(written(made.rows, sign), [], made.rows)
    return Case(written([made.header], sign), made.header, [])


def _very_short(random: Random) -> Case:
    made, sign = table(random, columns=random.randint(2, 6), rows=random.randint(1, 2)), random.choice(",;\t|")
    return Case(written([made.header, *made.rows], sign), made.header, made.rows)


def _second_table(random: Random) -> Case:
    made, sign = table(random, rows=random.randint(5, 30)), random.choice(",;\t|")
    other = table(
        random, columns=random.choice([n for n in (2, 3, 4, 5, 6) if n != len(made.header)]), rows=random.randint(4, 9)
    )
    text = written([made.header, *made.rows], sign) + written(
        [[f"{name}_2" for name in other.header], *other.rows], sign
    )
    return Case(text, made.header, made.rows)


def _dense_preamble(random: Random) -> Case:
    made, sign = table(random, columns=random.randint(2, 4)), random.choice(",;\t|")
    width = random.randint(6, 12)
    above = [[_sentence(random) for _ in range(width)] for _ in range(random.randint(1, 3))]
    gap = random.choice(("", "\n"))
    return Case(written(above, sign) + gap + written([made.header, *made.rows], sign), made.header, made.rows)


def _titles(random: Random) -> Case:
    made, sign = table(random, holes=random.choice((0, 0.1))), random.choice(",;\t|")
    above = [
        f"Report {random.randint(1, 99)}: {_sentence(random)}",
        f"Created: 2024-01-0{random.randint(1, 9)} 10:00",
        f"Source, {_sentence(random)}; internal",
    ]
    text = "".join(f"{line}\n" for line in random.sample(above, random.randint(1, 3))) + random.choice(
        ("", "\n", "\n\n")
    )
    return Case(text + written([made.header, *made.rows], sign), made.header, made.rows)


def _padded_titles(random: Random) -> Case:
    made, sign = table(random), random.choice(",;\t")
    above = [[f"Report {_sentence(random)}", *[""] * (len(made.header) - 1)], [""] * len(made.header)]
    return Case(written([*above, made.header, *made.rows], sign), made.header, made.rows)


def _one_column(random: Random) -> Case:
    kind = Kind("remark", "", _remark) if random.random() < 0.3 else random.choice(_KINDS)
    rows = [[kind.value(random)] for _ in range(random.randint(4, 60))]
    return Case("".join(f"{row[0]}\n" for row in [[kind.name], *rows]), [kind.name], rows)


def _other_quote(random: Random) -> Case:
    made, sign = table(random, rows=random.randint(8, 60)), random.choice(",;\t|")
    rows = _with_more(made, random, lambda cell: f"{cell}{sign}{cell}")
    quote = random.choice("''`~^$%*")
    return Case(written([made.header, *rows], sign, quote, always=random.random() < 0.5), made.header, rows)


def _escape(random: Random) -> Case:
    made, sign = table(random, rows=random.randint(8, 60)), random.choice(",;\t|")
    rows = _with_more(made, random, lambda cell: f'{cell} "{cell}"{sign} x')
    escape = random.choice("\\\\\\^/~")
    return Case(written([made.header, *rows], sign, '"', escape, always=random.random() < 0.5), made.header, rows)


def _escaped_without_quotes(random: Random) -> Case:
    made, sign = table(random, rows=random.randint(8, 60)), random.choice(",;\t|")
    rows = _with_more(made, random, lambda cell: f"{cell}{sign} x")
    lines = (
        sign.join(cell.replace("\\", "\\\\").replace(sign, f"\\{sign}") for cell in row) for row in [made.header, *rows]
    )
    return Case("".join(f"{line}\n" for line in lines), made.header, rows)


def _footer(random: Random) -> Case:
    made, sign = table(random), random.choice(",;\t|")
    below = random.choice(
        (
            f"Total: {len(made.rows)} rows\n",
            f"\nSource: {_sentence(random)}.\n",
            "\n* preliminary\n** estimated\n",
            f"({len(made.rows)} rows)\n",
            "-- end of file --\n",
            "\n\nPrinted 2024-01-05 10:00\nPage 1\n",
        )
    )
    return Case(written([made.header, *made.rows], sign) + below, made.header, made.rows)


def _comments(random: Random) -> Case:
    made, sign = table(random, rows=random.randint(6, 60)), random.choice(",;\t|")
    mark = random.choice(("#", "# ", "//", "%", "--", "! ", "'"))
    above = "".join(f"{mark}{_sentence(random)}\n" for _ in range(random.randint(1, 4)))
    lines = written([made.header, *made.rows], sign).splitlines(keepends=True)
    if random.random() < 0.5:
        lines.insert(random.randint(2, len(lines) - 1), f"{mark}{_sentence(random)}\n")
    return Case(above + "".join(lines), made.header, made.rows)


def _merged_header(random: Random) -> Case:
    groups, parts = random.randint(2, 4), random.sample(("Units", "Value", "Share", "Rank"), random.randint(2, 3))
    tops = random.sample(("North", "South", "West", "East", "2023", "2024"), groups)
    sign = random.choice(",;\t|")
    over = [""] + [cell for top in tops for cell in (top, *[""] * (len(parts) - 1))]
    under = ["Region", *parts * groups]
    rows = [
        [random.choice(_CITIES), *[str(random.randint(0, 999)) for _ in under[1:]]]
        for _ in range(random.randint(4, 30))
    ]
    return Case(
        written([over, under, *rows], sign), ["Region", *(f"{top} {part}" for top in tops for part in parts)], rows
    )


def _units(random: Random) -> Case:
    made, sign = table(random, columns=random.randint(6, 8), rows=random.randint(6, 60)), random.choice(",;\t|")
    units = [kind.unit or random.choice(("", "-")) for kind in made.kinds]
    merged = [f"{name} {unit}".strip() for name, unit in zip(made.header, units, strict=True)]
    return Case(written([made.header, units, *made.rows], sign), merged, made.rows)


def _more_inside_quotes(random: Random) -> Case:
    made, sign = table(random, columns=random.randint(2, 4), rows=random.randint(4, 40)), random.choice(",;\t|")
    joint = random.choice((sign, ",", ";", ", "))
    rows = [[*row[:-1], _sentence(random, joint)] for row in made.rows]
    quoted = written(rows, sign, always=True) if sign not in joint else written(rows, sign)
    return Case(written([made.header], sign) + quoted, made.header, rows)


def _decimal_comma(random: Random) -> Case:
    made = table(random, columns=random.randint(3, 7))
    rows = [
        [
            cell.replace(".", ",") if kind.name in ("amount", "share") else cell
            for cell, kind in zip(row, made.kinds, strict=True)
        ]
        for row in made.rows
    ]
    rows = [
        [*row, f"{random.uniform(0, 9):.2f}".replace(".", ","), f"{random.uniform(0, 9):.1f}".replace(".", ",")]
        for row in rows
    ]
    header = [*made.header, "low", "high"]
    return Case(written([header, *rows], random.choice(";;;\t|")), header, rows)


def _sign_in_values(random: Random) -> Case:
    made, sign = (
        table(random, columns=random.randint(2, 5), rows=random.randint(5, 40)),
        random.choice((",", " ", ":", "/")),
    )
    moments = {
        ",": "Jan {0}, 2024",
        " ": "2024-01-{0:02} 10:{0:02}",
        ":": "10:{0:02}:00",
        "/": "01/{0:02}/2024",
    }
    rows = [[*row, moments[sign].format(random.randint(1, 28))] for row in made.rows]
    header = [*made.header, "moment"]
    return Case(written([header, *rows], sign), header, rows)


def _no_header(random: Random) -> Case:
    made = table(random, holes=random.choice((0, 0.1)))
    return Case(written(made.rows, random.choice(",;\t|")), [], made.rows)


def _new_lines_in_cells(random: Random) -> Case:
    made, sign = table(random, columns=random.randint(3, 5)), random.choice(",;\t|")
    rows = [[*row, "\n".join(_sentence(random) for _ in range(random.randint(1, 4)))] for row in made.rows]
    header = [*made.header, "text"]
    return Case(written([header, *rows], sign), header, rows)


def _ruled(random: Random) -> Case:
    made = table(random)
    widths = [max(len(row[place]) for row in [made.header, *made.rows]) for place in range(len(made.header))]
    lines = [
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in [made.header, *made.rows]
    ]
    lines.insert(1, "-+-".join("-" * width for width in widths))
    padded = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in made.rows]
    return Case("".join(f"{line}\n" for line in lines), made.header, padded)


KINDS: dict[str, Callable[[Random], Case]] = {
    "plain": _plain,
    "several_signs": _several_signs,
    "unusual_sign": _unusual_sign,
    "spaces": _spaces,
    "aligned": _aligned,
    "letter": _letter,
    "one_line": _one_line,
    "very_short": _very_short,
    "second_table": _second_table,
    "dense_preamble": _dense_preamble,
    "titles": _titles,
    "padded_titles": _padded_titles,
    "one_column": _one_column,
    "other_quote": _other_quote,
    "escape": _escape,
    "escaped_without_quotes": _escaped_without_quotes,
    "footer": _footer,
    "comments": _comments,
    "merged_header": _merged_header,
    "units": _units,
    "more_inside_quotes": _more_inside_quotes,
    "decimal_comma": _decimal_comma,
    "sign_in_values": _sign_in_values,
    "no_header": _no_header,
    "new_lines_in_cells": _new_lines_in_cells,
    "ruled": _ruled,
}

# Columns that are only lined up, with blanks between them, and letters as delimiters.
NOT_UNDERSTOOD = frozenset({"aligned", "letter"})


def read(path: Path) -> tuple[Row, list[Row]] | str:
    """The table that the reader finds in a file; or why it finds none."""
    (source,) = fingerprint(str(path))

    def convert(hints: Hints) -> tuple[Row, list[Row]]:
        found = TextTable(source, ReadOptions(), hints)
        blocks = list(found.blocks())
        return found.header, [
            [cell or "" for cell in row] for block in blocks for row in block.rows.select(found.columns).rows()
        ]

    try:
        return until_understood(convert)
    except (FileError, SourceError) as error:
        return error.code


def is_read(case: Case, path: Path) -> bool:
    """Whether the reader finds the table, cell for cell; blanks around cells may be taken for padding or not."""
    path.write_text(case.text, encoding="utf-8", newline="")
    found = read(path)
    if isinstance(found, str):
        return not case.rows
    return [_bare(found[0]), *map(_bare, found[1])] == [_bare(case.header), *map(_bare, case.rows)]


def _bare(row: Row) -> Row:
    return [cell.strip() for cell in row]


def main() -> int:
    """Try the seeds of each kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--show", action="store_true", help="print the files that were not read")
    asked = parser.parse_args()
    kinds = [asked.kind] if asked.kind else list(KINDS)
    right = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind in kinds:
            wrong = []
            for seed in range(asked.first, asked.first + asked.seeds):
                case, path = KINDS[kind](Random(f"{kind}.{seed}")), Path(folder) / f"{kind}.csv"
                if not is_read(case, path):
                    wrong.append(seed)
                    if asked.show:
                        sys.stdout.write(
                            f"--- {kind} {seed}\n{case.text[:600]}\n... read as\n{str(read(path))[:600]}\n"
                        )
            right += asked.seeds - len(wrong)
            sys.stdout.write(
                f"{kind:24} {asked.seeds - len(wrong):4} of {asked.seeds}  {wrong[:12] if wrong else ''}\n"
            )
    sys.stdout.write(f"{right} of {len(kinds) * asked.seeds} read cell for cell\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
