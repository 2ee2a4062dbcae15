"""Tables of made-up values, and rows written as text: what the odd files are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

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
CITIES = [
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


def sentence(random: Random, joint: str = " ") -> str:
    """A few words."""
    return joint.join(random.choice(_WORDS) for _ in range(random.randint(2, 7)))


def remark(random: Random) -> str:
    """A sentence, now and then with a comma in it."""
    text = sentence(random).capitalize()
    return f"{text}, {sentence(random)}." if random.random() < 0.2 else f"{text}."


COLUMNS = (
    Kind("id", "", lambda random: str(random.randint(1, 99_999))),
    Kind("name", "", lambda random: f"{random.choice(_FIRST)} {random.choice(_LAST)}"),
    Kind("city", "", lambda random: random.choice(CITIES)),
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
    Kind("note", "", sentence),
    Kind("time", "UTC", lambda random: f"{random.randint(0, 23):02}:{random.randint(0, 59):02}"),
)


class Table(NamedTuple):
    """A table, and what its columns hold."""

    header: Row
    rows: list[Row]
    kinds: Sequence[Kind]


def with_more(made: Table, random: Random, more: Callable[[str], str]) -> list[Row]:
    """The rows, a fifth of the texts in them made to hold something more."""
    texts = [kind.name in _TEXTS for kind in made.kinds]
    return [
        [more(cell) if is_text and random.random() < 0.2 else cell for cell, is_text in zip(row, texts, strict=True)]
        for row in made.rows
    ]


def table(random: Random, columns: int | None = None, rows: int | None = None, *, holes: float = 0.0) -> Table:
    """A table of several columns, the first of them typed."""
    width = columns or random.randint(3, 8)
    first = random.choice([kind for kind in COLUMNS if kind.name in ("id", "date", "code", "count")])
    kinds = [first, *random.sample([kind for kind in COLUMNS if kind is not first], width - 1)]
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
