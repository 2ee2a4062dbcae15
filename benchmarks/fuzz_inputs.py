"""Inputs for the fuzzer: files that are nearly right, damaged in every way, and noise."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from random import Random

import polars as pl

NAMES = ("id", "at", "price", "note")
_NOTES = (
    "",
    "plain",
    "a,b",
    'say "so"',
    "two\nlines",
    "æøå",
    "漢字",
    "=1+1",
    "x" * 300,
    "NULL",
    "it's",
    "a;b|c\td",
    "\\",
)
_TOKENS = (
    *(
        b'"',
        b'""',
        b"'",
        b"\n",
        b"\r",
        b"\r\n",
        b"\0",
        b",",
        b";",
        b"\t",
        b"|",
        b" ",
        b"\\",
        b"\\u",
        b"{",
        b"}",
        b"[",
        b"]",
    ),
    *(
        b":",
        b'":',
        b"\xff",
        b"\xfe\xff",
        b"\xef\xbb\xbf",
        b"\xc3",
        b"\xe2\x82",
        b"\xed\xa0\x80",
        b"NaN",
        b"null",
        b"1e999",
    ),
    *(
        b"\x1f\x8b\x08",
        b"PAR1",
        b"PK\x03\x04",
        b"-",
        b"9" * 40,
        b"\x1a",
        b"\x85",
        b"\xe2\x80\xa8",
        b"\n\n\n",
        b'"\n"',
        b'",\n',
    ),
)
_ENCODINGS = ("utf-8",) * 6 + ("utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-32-be", "shift_jis", "gb18030")

Rows = list[list[str]]


def fuzz_input(random: Random) -> tuple[str, bytes]:
    """A file's name and content."""
    if random.random() < 0.05:
        return _name(random, "csv"), random.randbytes(random.choice((0, 1, 3, 17, 200, 5000)))
    form = random.choice(("csv", "csv", "csv", "json", "ndjson", "parquet"))
    data = _MAKERS[form](random, _rows(random))
    for _ in range(random.choice((0, 1, 1, 2, 5, 20))):
        data = _damage(random, data)
    pack = random.choice((*[None] * 12, *_PACKERS))
    if pack is not None:
        data = pack(data)
        if random.random() < 0.5:
            data = _damage(random, data)
    return _name(random, form), data


def _name(random: Random, form: str) -> str:
    return "input." + random.choice((form, form, form, "csv", "json", "ndjson", "txt", "dat"))


def _rows(random: Random) -> Rows:
    return [
        [
            str(random.choice((random.randint(0, 99), random.randint(0, 10**20), "x", ""))),
            f"2026-01-{random.randint(1, 31):02} 10:00:00" if random.random() < 0.9 else "soon",
            random.choice(("1.50", "0", "-3.1", "1.005", "", "NaN", "12,5")),
            random.choice(_NOTES),
        ]
        for _ in range(random.choice((0, 1, 2, 5, 30, 200)))
    ]


def _as_csv(random: Random, rows: Rows) -> bytes:
    kind = random.random()
    if kind < 0.05:
        return _lined_up(random, rows)
    data = _delimited(random, rows)
    if kind < 0.9:
        return data
    return _put_together(random, data) if kind < 0.95 else _in_quotes(data)


def _delimited(random: Random, rows: Rows) -> bytes:
    text = io.StringIO(newline="")
    quote = random.choice(('"', '"', '"', "'"))
    writer = csv.writer(
        text,
        delimiter=random.choice(",,,;\t|"),
        quotechar=quote,
        quoting=random.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
        lineterminator=random.choice(("\n", "\n", "\r\n", "\r")),
    )
    if random.random() < 0.9:
        writer.writerow(NAMES)
    writer.writerows(rows)
    return text.getvalue().encode(random.choice(_ENCODINGS), "replace")


def _put_together(random: Random, data: bytes) -> bytes:
    """Two files as one, or three, with a byte order mark or something else between them."""
    return random.choice((b"", b"\n", b"\f", b"\xef\xbb\xbf", b"\xef\xbb\xbf")).join([data] * random.randint(2, 3))


def _in_quotes(data: bytes) -> bytes:
    """Each line in quotes as a whole."""
    lines = data.splitlines(keepends=True)
    bare = (line.rstrip(b"\r\n") for line in lines)
    return b"".join(
        b'"' + text.replace(b'"', b'""') + b'"' + line[len(text) :] for text, line in zip(bare, lines, strict=True)
    )


def _lined_up(random: Random, rows: Rows) -> bytes:
    cells = [NAMES, *([cell.replace("\n", " ")[:40] for cell in row] for row in rows)]
    lines = (f"{row[0]:>22}  {row[1]:20}  {row[2]:>6}  {row[3]}" for row in cells)
    text = "".join(line.rstrip() + random.choice(("\n", "\n", "\r\n")) for line in lines)
    return text.encode(random.choice(_ENCODINGS), "replace")


def _objects(random: Random, rows: Rows) -> list[dict[str, object]]:
    objects: list[dict[str, object]] = [dict(zip(NAMES, row, strict=True)) for row in rows]
    for one in objects:
        if random.random() < 0.2:
            one[random.choice(("extra", "ID", "price", "note"))] = random.choice((None, 1.5, True, [1, {"a": "}"}], {}))
        if random.random() < 0.2:
            del one[random.choice(NAMES[1:3])]
    return objects


def _as_json(random: Random, rows: Rows) -> bytes:
    objects = _objects(random, rows)
    whole: object = {"data": objects, "next": None} if random.random() < 0.1 else objects
    text = json.dumps(whole, indent=random.choice((None, None, 1)), ensure_ascii=random.random() < 0.5)
    return text.encode(random.choice(_ENCODINGS), "replace")


def _as_ndjson(random: Random, rows: Rows) -> bytes:
    end = random.choice(("\n", "\n", "\r\n"))
    is_ascii = random.random() < 0.5
    text = "".join(json.dumps(one, ensure_ascii=is_ascii) + end for one in _objects(random, rows))
    return text.encode(random.choice(_ENCODINGS), "replace")


def _as_parquet(random: Random, rows: Rows) -> bytes:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(NAMES, pl.String), orient="row")
    if random.random() < 0.5:
        frame = frame.with_columns(
            pl.col("id").cast(pl.Float64, strict=False), pl.col("price").cast(pl.Float32, strict=False)
        )
    target = io.BytesIO()
    frame.write_parquet(target)
    return target.getvalue()


_MAKERS: dict[str, Callable[[Random, Rows], bytes]] = {
    "csv": _as_csv,
    "json": _as_json,
    "ndjson": _as_ndjson,
    "parquet": _as_parquet,
}


def _damage(random: Random, data: bytes) -> bytes:
    """One piece of damage: bytes put in, taken out, flipped, moved, doubled, or the end cut off."""
    at = random.randint(0, len(data))
    size = random.choice((1, 1, 2, 8, 60, 500))
    way = random.randint(0, 6)
    if way <= 2:
        return data[:at] + random.choice(_TOKENS) * random.choice((1, 1, 1, 2, 50)) + data[at:]
    if way == 3:
        return data[:at] + data[at + size :]
    if way == 4:
        return data[:at] + random.randbytes(size) + data[at + size :]
    if way == 5:
        return data[:at] + data[at : at + size] * 2 + data[at + size :]
    return data[:at]


def _zipped(data: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one.csv", data)
        archive.writestr("two.json", data[: len(data) // 2])
    return target.getvalue()


_PACKERS: tuple[Callable[[bytes], bytes], ...] = (gzip.compress, bz2.compress, lzma.compress, _zipped)
