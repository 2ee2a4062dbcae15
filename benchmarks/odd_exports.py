"""Kinds of odd text files as databases, spreadsheets and older programs export them, each with a known table in it."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from random import Random

from benchmarks.odd_kinds import Case, by_name
from benchmarks.odd_rows import CITIES, Row, Table, sentence, table, with_more, written


def _padded(rows: list[Row], right: AbstractSet[int] = frozenset()) -> list[Row]:
    """Cells of one width in each column, some columns lined up to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    aligned = [">" if place in right else "<" for place in range(len(widths))]
    return [[f"{cell:{side}{width}}" for cell, side, width in zip(row, aligned, widths, strict=True)] for row in rows]


def _numbers(made: Table) -> set[int]:
    return {place for place, kind in enumerate(made.kinds) if kind.name in ("id", "amount", "share", "count")}


def _sep_line(random: Random) -> Case:
    made, sign = table(random, holes=random.choice((0, 0.1))), random.choice(";;,\t|")
    quote = random.choice(("", '"'))
    text = f"{quote}sep={sign}{quote}\r\n" + written([made.header, *made.rows], sign).replace("\n", "\r\n")
    return Case(text, made.header, made.rows)


def _pipes_around(random: Random) -> Case:
    """As SAP lists are saved: a pipe at both ends, lines drawn with dashes above, below the names, and at the end."""
    made = table(random, holes=random.choice((0, 0.1)))
    lines = [f"|{'|'.join(row)}|" for row in _padded([made.header, *made.rows], _numbers(made))]
    rule = "-" * len(lines[0])
    above = random.choice(([], [f"Report {sentence(random)}", ""], [f"05.01.2024  {sentence(random)}  1", ""]))
    every = [*above, rule, lines[0], rule, *lines[1:], rule]
    return Case("".join(f"{line}\n" for line in every), made.header, made.rows)


def _box(random: Random) -> Case:
    """As MySQL prints tables."""
    made = table(random)
    padded = _padded([made.header, *made.rows], _numbers(made))
    rule = f"+{'+'.join('-' * (len(cell) + 2) for cell in padded[0])}+"
    lines = [f"| {' | '.join(row)} |" for row in padded]
    below = random.choice(([], [f"{len(made.rows)} rows in set (0.01 sec)"]))
    return Case(
        "".join(f"{line}\n" for line in [rule, lines[0], rule, *lines[1:], rule, *below]), made.header, made.rows
    )


def _psql(random: Random) -> Case:
    """As PostgreSQL prints tables."""
    made = table(random, holes=random.choice((0, 0.1)))
    padded = _padded([made.header, *made.rows], _numbers(made))
    rule = "+".join("-" * (len(cell) + 2) for cell in padded[0])
    lines = [f" {' | '.join(row)} ".rstrip(" ") + ("" if row[-1].strip() else " ") for row in padded]
    every = [lines[0], rule, *lines[1:], f"({len(made.rows)} rows)", ""]
    return Case("".join(f"{line}\n" for line in every), made.header, made.rows)


def _markdown(random: Random) -> Case:
    made = table(random)
    padded = _padded([made.header, *made.rows])
    rule = f"|{'|'.join(random.choice((':', '-')) + '-' * len(cell) + '-' for cell in padded[0])}|"
    lines = [f"| {' | '.join(row)} |" for row in padded]
    return Case("".join(f"{line}\n" for line in [lines[0], rule, *lines[1:]]), made.header, made.rows)


def _copy_text(random: Random) -> Case:
    """As PostgreSQL copies tables out: tabs, and a backslash with an N for null."""
    made = table(random, holes=0.1)
    rows = [[cell or "\\N" for cell in row] for row in made.rows]
    if random.random() < 0.5:
        return Case(written(rows, "\t"), [], rows)
    return Case(written([made.header, *rows], "\t"), made.header, rows)


def _fixed_width(random: Random) -> Case:
    """As SQL Server prints tables: numbers to the right, a line of dashes below the names."""
    made = table(random)
    padded = _padded([made.header, *made.rows], _numbers(made))
    rule = " ".join("-" * len(cell) for cell in padded[0])
    lines = [" ".join(row).rstrip() for row in padded]
    below = random.choice(([], ["", f"({len(made.rows)} rows affected)"]))
    return Case("".join(f"{line}\n" for line in [lines[0], rule, *lines[1:], *below]), made.header, made.rows)


def _right_aligned(random: Random) -> Case:
    made = table(random, holes=random.choice((0, 0.2)))
    lines = ["  ".join(row).rstrip() for row in _padded([made.header, *made.rows], _numbers(made))]
    above = random.choice(([], [f"Report {sentence(random)}", ""]))
    return Case("".join(f"{line}\n" for line in [*above, *lines]), made.header, made.rows)


def _repeated_header(random: Random) -> Case:
    """As reports are printed: the names again after each page."""
    made, sign = table(random, columns=random.randint(3, 6), rows=random.randint(20, 50)), random.choice(",;\t|")
    size = random.randint(8, 15)
    pages = [made.rows[at : at + size] for at in range(0, len(made.rows), size)]
    between = random.choice(("", "\n", "\f"))
    text = between.join(written([made.header, *page], sign) for page in pages)
    return Case(text, made.header, made.rows)


def _joined_files(random: Random) -> Case:
    """Two files copied together, each with its byte order mark, the second one without its names."""
    made, sign = table(random, rows=random.randint(8, 40)), random.choice(",;\t|")
    half = len(made.rows) // 2
    text = "\ufeff" + written([made.header, *made.rows[:half]], sign) + "\ufeff" + written(made.rows[half:], sign)
    return Case(text, made.header, made.rows)


def _total_at_end(random: Random) -> Case:
    """A sum below the table, with all its delimiters: a row as any other."""
    made, sign = table(random, columns=random.randint(3, 6)), random.choice(",;\t|")
    rows = [*made.rows, ["Total", *[""] * (len(made.header) - 2), str(random.randint(100, 99_999))]]
    return Case(written([made.header, *rows], sign), made.header, rows)


def _thousands(random: Random) -> Case:
    made, sign = table(random, columns=random.randint(2, 5)), random.choice(",;\t")
    rows = [[*row, f"{random.uniform(1000, 9e6):,.2f}", f"{random.randint(1000, 999_999):,}"] for row in made.rows]
    return Case(written([[*made.header, "sum", "pieces"], *rows], sign), [*made.header, "sum", "pieces"], rows)


def _money(random: Random) -> Case:
    made = table(random, columns=random.randint(2, 4))
    rows = [[*row, f"{random.uniform(1, 9999):.2f} €".replace(".", ","), random.choice(CITIES)] for row in made.rows]
    header = [*made.header, "Betrag", "Ort"]
    return Case(written([header, *rows], ";"), header, rows, random.choice(("cp1252", "utf-8-sig", "iso8859-15")))


def _utf16(random: Random) -> Case:
    made, sign = table(random, rows=random.randint(4, 60)), random.choice(",;\t\t|")
    text = written([made.header, *made.rows], sign).replace("\n", "\r\n")
    return Case(text, made.header, made.rows, random.choice(("utf-16-le", "utf-16-be", "utf-16")))


def _three_line_ends(random: Random) -> Case:
    made, sign = table(random), random.choice(",;\t|")
    return Case(written([made.header, *made.rows], sign).replace("\n", "\r\r\n"), made.header, made.rows)


def _both_escapes(random: Random) -> Case:
    """Quotes doubled by one program and escaped by another."""
    made, sign = table(random, rows=random.randint(12, 60)), random.choice(",;\t|")
    rows = with_more(made, random, lambda cell: f'{cell} "{cell}"{sign} x')
    half = len(rows) // 2
    text = written([made.header, *rows[:half]], sign, always=True) + written(rows[half:], sign, '"', "\\", always=True)
    return Case(text, made.header, rows)


def _no_last_end(random: Random) -> Case:
    made, sign = table(random, rows=random.randint(1, 3)), random.choice(",;\t|")
    return Case(written([made.header, *made.rows], sign)[:-1], made.header, made.rows)


def _trailing_signs(random: Random) -> Case:
    """A delimiter after the last cell of each line, of the names as well: a column without a name or values."""
    made, sign = table(random), random.choice(",;\t|")
    lines = written([made.header, *made.rows], sign).replace("\n", f"{sign}\n")
    return Case(lines, [*made.header, ""], [[*row, ""] for row in made.rows])


def _trailing_signs_below(random: Random) -> Case:
    """A delimiter after the last cell of each row, and none after the names."""
    made, sign = table(random, rows=random.randint(6, 60)), random.choice(",;\t|")
    text = written([made.header], sign) + written(made.rows, sign).replace("\n", f"{sign}\n")
    return Case(text, [*made.header, ""], [[*row, ""] for row in made.rows])


def _numbered_lines(random: Random) -> Case:
    """As data frames are saved: the number of each row, without a name."""
    made, sign = table(random), random.choice(",;\t")
    rows = [[str(place), *row] for place, row in enumerate(made.rows)]
    return Case(written([["", *made.header], *rows], sign), ["", *made.header], rows)


def _quoted_lines(random: Random) -> Case:
    """Each whole line put in quotes once more, as spreadsheets do when they read such a file as one column."""
    made = table(random, columns=random.randint(3, 6), rows=random.randint(6, 40))
    lines = written([made.header, *made.rows], ",").splitlines()
    return Case("".join(f'"{line}"\n' for line in lines), made.header, made.rows)


def _some_lines_quoted(random: Random) -> Case:
    """Whole lines in quotes among others: those that a spreadsheet had quotes in, or took for one cell."""
    made, sign = table(random, rows=random.randint(20, 60)), random.choice(",;")
    rows = with_more(made, random, lambda cell: f"{cell}{sign} more") if random.random() < 0.5 else made.rows
    first, *lines = written([made.header, *rows], sign).splitlines()
    for place in range(4, len(lines)):
        if '"' in lines[place] or random.random() < 0.15:
            lines[place] = '"' + lines[place].replace('"', '""') + '"'
    return Case("".join(f"{line}\n" for line in [first, *lines]), made.header, rows)


def _web_log(random: Random) -> Case:
    """As web servers write: remarks, the names in the last of them."""
    made = table(random)
    rows = [[cell.replace(" ", "+") or "-" for cell in row] for row in made.rows]
    remarks = random.choice((["#Software: Web Server 10.0", "#Version: 1.0"], ["# made by hand"], []))
    led = random.choice(("#Fields:", "#"))
    lines = [*remarks, f"{led} {' '.join(made.header)}"]
    return Case("".join(f"{line}\n" for line in lines) + written(rows, random.choice(" \t")), made.header, rows)


def _bank_statement(random: Random) -> Case:
    """What it is about above, amounts with a comma, and the balance below."""
    made, always = table(random, columns=random.randint(5, 8), rows=random.randint(6, 50)), random.random() < 0.6
    rows = [[*row, f"{random.uniform(-3000, 3000):,.2f}".translate(str.maketrans(",.", ".,"))] for row in made.rows]
    above = [["Account:", "DE12 3456 7890"], ["From:", "01.01.2024"], ["Balance on 31.12.2024:", "1.234,50 EUR"]]
    below = random.choice(("", "\n" + written([["Closing balance", "99,90"]], ";", always=always)))
    header = [*made.header, "balance"]
    text = written(above, ";", always=always) + "\n" + written([header, *rows], ";", always=always) + below
    return Case(text.replace("\n", "\r\n"), header, rows, random.choice(("utf-8", "cp1252", "utf-8-sig")))


def _pairs(random: Random) -> Case:
    """As logs are written: `key=value` beside `key=value`."""
    made = table(random, columns=random.randint(3, 6), rows=random.randint(4, 40))
    rows = [
        [f"{name}={cell.replace(' ', '_')}" for name, cell in zip(made.header, row, strict=True)] for row in made.rows
    ]
    return Case(written(rows, " "), [], rows)


def _end_of_file_sign(random: Random) -> Case:
    made, sign = table(random), random.choice(",;\t|")
    return Case(written([made.header, *made.rows], sign) + "\x1a", made.header, made.rows)


EXPORTS = by_name(
    _sep_line,
    _pipes_around,
    _box,
    _psql,
    _markdown,
    _copy_text,
    _fixed_width,
    _right_aligned,
    _repeated_header,
    _joined_files,
    _total_at_end,
    _thousands,
    _money,
    _utf16,
    _three_line_ends,
    _both_escapes,
    _no_last_end,
    _trailing_signs,
    _trailing_signs_below,
    _numbered_lines,
    _quoted_lines,
    _some_lines_quoted,
    _web_log,
    _bank_statement,
    _pairs,
    _end_of_file_sign,
)
