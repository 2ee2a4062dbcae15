"""Kinds of odd text files, each with a known table in it, made from a random generator alone."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from benchmarks.odd_rows import CITIES, COLUMNS, Kind, Row, remark, sentence, table, with_more, written


class Case(NamedTuple):
    """A file, and the table in it."""

    text: str
    header: Row
    rows: list[Row]
    encoding: str = "utf-8"


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
    above = [[sentence(random) for _ in range(width)] for _ in range(random.randint(1, 3))]
    gap = random.choice(("", "\n"))
    return Case(written(above, sign) + gap + written([made.header, *made.rows], sign), made.header, made.rows)


def _titles(random: Random) -> Case:
    made, sign = table(random, holes=random.choice((0, 0.1))), random.choice(",;\t|")
    above = [
        f"Report {random.randint(1, 99)}: {sentence(random)}",
        f"Created: 2024-01-0{random.randint(1, 9)} 10:00",
        f"Source, {sentence(random)}; internal",
    ]
    text = "".join(f"{line}\n" for line in random.sample(above, random.randint(1, 3))) + random.choice(
        ("", "\n", "\n\n")
    )
    return Case(text + written([made.header, *made.rows], sign), made.header, made.rows)


def _padded_titles(random: Random) -> Case:
    made, sign = table(random), random.choice(",;\t")
    above = [[f"Report {sentence(random)}", *[""] * (len(made.header) - 1)], [""] * len(made.header)]
    return Case(written([*above, made.header, *made.rows], sign), made.header, made.rows)


def _one_column(random: Random) -> Case:
    kind = Kind("remark", "", remark) if random.random() < 0.3 else random.choice(COLUMNS)
    rows = [[kind.value(random)] for _ in range(random.randint(4, 60))]
    return Case("".join(f"{row[0]}\n" for row in [[kind.name], *rows]), [kind.name], rows)


def _other_quote(random: Random) -> Case:
    made, sign = table(random, rows=random.randint(8, 60)), random.choice(",;\t|")
    rows = with_more(made, random, lambda cell: f"{cell}{sign}{cell}")
    quote = random.choice("''`~^$%*")
    return Case(written([made.header, *rows], sign, quote, always=random.random() < 0.5), made.header, rows)


def _escape(random: Random) -> Case:
    made, sign = table(random, rows=random.randint(8, 60)), random.choice(",;\t|")
    rows = with_more(made, random, lambda cell: f'{cell} "{cell}"{sign} x')
    escape = random.choice("\\\\\\^/~")
    return Case(written([made.header, *rows], sign, '"', escape, always=random.random() < 0.5), made.header, rows)


def _escaped_without_quotes(random: Random) -> Case:
    made, sign = table(random, rows=random.randint(8, 60)), random.choice(",;\t|")
    rows = with_more(made, random, lambda cell: f"{cell}{sign} x")
    lines = (
        sign.join(cell.replace("\\", "\\\\").replace(sign, f"\\{sign}") for cell in row) for row in [made.header, *rows]
    )
    return Case("".join(f"{line}\n" for line in lines), made.header, rows)


def _footer(random: Random) -> Case:
    made, sign = table(random), random.choice(",;\t|")
    below = random.choice(
        (
            f"Total: {len(made.rows)} rows\n",
            f"\nSource: {sentence(random)}.\n",
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
    above = "".join(f"{mark}{sentence(random)}\n" for _ in range(random.randint(1, 4)))
    lines = written([made.header, *made.rows], sign).splitlines(keepends=True)
    if random.random() < 0.5:
        lines.insert(random.randint(2, len(lines) - 1), f"{mark}{sentence(random)}\n")
    return Case(above + "".join(lines), made.header, made.rows)


def _merged_header(random: Random) -> Case:
    groups, parts = random.randint(2, 4), random.sample(("Units", "Value", "Share", "Rank"), random.randint(2, 3))
    tops = random.sample(("North", "South", "West", "East", "2023", "2024"), groups)
    sign = random.choice(",;\t|")
    over = [""] + [cell for top in tops for cell in (top, *[""] * (len(parts) - 1))]
    under = ["Region", *parts * groups]
    rows = [
        [random.choice(CITIES), *[str(random.randint(0, 999)) for _ in under[1:]]] for _ in range(random.randint(4, 30))
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
    rows = [[*row[:-1], sentence(random, joint)] for row in made.rows]
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
    rows = [[*row, "\n".join(sentence(random) for _ in range(random.randint(1, 4)))] for row in made.rows]
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


def by_name(*kinds: Callable[[Random], Case]) -> dict[str, Callable[[Random], Case]]:
    """Kinds of files by what they are called."""
    return {kind.__name__.removeprefix("_"): kind for kind in kinds}


KINDS = by_name(
    _plain,
    _several_signs,
    _unusual_sign,
    _spaces,
    _aligned,
    _letter,
    _one_line,
    _very_short,
    _second_table,
    _dense_preamble,
    _titles,
    _padded_titles,
    _one_column,
    _other_quote,
    _escape,
    _escaped_without_quotes,
    _footer,
    _comments,
    _merged_header,
    _units,
    _more_inside_quotes,
    _decimal_comma,
    _sign_in_values,
    _no_header,
    _new_lines_in_cells,
    _ruled,
)

# Any letter as a delimiter would be found in sane files as well; `--delimiter` reads them.
NOT_UNDERSTOOD = frozenset({"letter"})
