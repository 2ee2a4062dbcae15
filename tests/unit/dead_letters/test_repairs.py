from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.contract import Contract
from expectations.errors import UsageError
from tasks.dead_letters.models import FileFacts
from tasks.dead_letters.records import Record, RecordForm
from tasks.dead_letters.repairs import find_repair, parse_line, write_line
from tasks.models import Dialect

CONTRACT = Contract.model_validate(
    {
        "dataset": "visits",
        "columns": {
            "id": {"type": "integer", "required": True},
            "start": {
                "type": "datetime",
                "formats": ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S%.f"],
                "aliases": ["begin"],
            },
            "city": {"type": "string"},
            "price": {"type": "decimal", "scale": 2},
        },
        "repairs": {
            "our_epoch": {"use": "epoch:column=start,unit=ms"},
            "shout": {"function": "tests.unit.dead_letters.test_repairs:shout"},
            "no_hash": {"function": "tests.unit.dead_letters.test_repairs:no_hash", "takes": "raw"},
            "gone": {"function": "tests.unit.dead_letters.test_repairs:is_not_here"},
        },
    }
)


def shout(record: Record) -> Record | None:
    city = record["city"]
    return None if city is None else record | {"city": city.upper()}


def no_hash(text: str) -> str | None:
    return text.removeprefix("#") if text.startswith("#") else None


def form(delimiter: str = ",", **other: object) -> RecordForm:
    facts = FileFacts(
        file_digest="d",
        file_format="csv",
        dialect=Dialect(delimiter=delimiter),
        header=("id", "Begin", "city", "price"),
    )
    return RecordForm.of(facts.model_copy(update=other), CONTRACT)


def mended(line: str, text: str, delimiter: str = ",") -> str | None:
    return find_repair(line, CONTRACT).apply(text, form(delimiter), CONTRACT)


@pytest.mark.parametrize(
    ("line", "before", "after"),
    [
        ("join_fields:column=city", "7,,Berlin, Mitte,1.00", '7,,"Berlin, Mitte",1.00'),
        ("join_fields:column=city", "7,,Berlin,1.00", None),
        ("join_decimal_comma:column=price", "7,,Berlin,1,50", "7,,Berlin,1.50"),
        ("drop_extra_fields", '7,,"a,b",1.00,web,2', '7,,"a,b",1.00'),
        ("drop_nul", "7,,Ber\0lin,1.00", "7,,Berlin,1.00"),
        ("drop_nul", "7,,Berlin,1.00", None),
        ("decode_as:encoding=cp1252", "7,,K\udcf6ln,1.00", "7,,Köln,1.00"),
        ("fix_mojibake", "7,,KÃ¶ln,1.00", "7,,Köln,1.00"),
        ("fix_mojibake", "7,,Köln,1.00", None),
        ("fix_mojibake", "7,,Ã\x81vila,1.00", "7,,Ávila,1.00"),
        ("drop_open_quote", '7,,"Berlin,1.00', "7,,Berlin,1.00"),
        ("drop_open_quote", '7,,"Berlin"x,1.00', None),
        ("drop_text_after_quote", '7,,"Berlin"x,1.00', "7,,Berlin,1.00"),
        ("drop_text_after_quote", '7,,"a,b"x,1.00', None),
        ("double_inner_quotes", '7,,"the "old" town",1.00', '7,,"the ""old"" town",1.00'),
        ("decimal_comma:column=price", '7,,Berlin,"1.234,50"', "7,,Berlin,1234.50"),
        ("decimal_comma:column=price", "7,,Berlin,12.50", None),
        ("strip_thousands:column=price", '7,,Berlin,"1,234.50"', "7,,Berlin,1234.50"),
        ("strip_unit:column=price", "7,,Berlin,12.50 EUR", "7,,Berlin,12.50"),
        ("strip_unit:column=price", "7,,Berlin,€12.50", "7,,Berlin,12.50"),
        ("digits:column=price", "7,,Berlin,1O.5l", "7,,Berlin,10.51"),
        ("round_decimal:column=price", "7,,Berlin,1.005", "7,,Berlin,1.00"),
        ("scale:column=price,by=1/100", "7,,Berlin,123456", "7,,Berlin,1234.56"),
        ("scale:column=price,by=1/60", "7,,Berlin,100", "7,,Berlin,1.67"),
        ("swap_day_month:column=start", "7,2026-31-05 10:00:00,,", "7,2026-05-31 10:00:00,,"),
        ("swap_day_month:column=start", "7,yesterday,,", None),
        ("read_date:column=start,format=%d.%m.%Y %H:%M", "7,31.05.2026 10:00,,", "7,2026-05-31 10:00:00,,"),
        ("epoch:column=start", "7,1780221600,,", "7,2026-05-31 10:00:00,,"),
        ("our_epoch", "7,1780221600250,,", "7,2026-05-31 10:00:00.250000,,"),
        ("serial_day:column=start", "7,46173.5,,", "7,2026-05-31 12:00:00,,"),
        (r"map_values:column=city,Bln=Berlin\, Mitte", "7,,Bln,1", '7,,"Berlin, Mitte",1'),
        ("swap_values:a=id,b=price", "1.5,,Berlin,7", "7,,Berlin,1.5"),
        ("shout", "7,,Berlin,1", "7,,BERLIN,1"),
        ("no_hash", "#7,,Berlin,1", "7,,Berlin,1"),
    ],
)
def test_repairs(line: str, before: str, after: str | None) -> None:
    assert mended(line, before) == after


def test_a_semicolon_file() -> None:
    assert mended("join_fields:column=city", "7;;a;b;1,00", ";") == '7;;"a;b";1,00'
    assert mended("decimal_comma:column=price", "7;;a;1,00", ";") == "7;;a;1.00"
    assert mended("join_decimal_comma:column=price", "7;;a;1;00", ";") is None


def test_json_keeps_everything_else() -> None:
    json_form = form(file_format="ndjson", dialect=None)
    before = '{"id": 12345678901234567890, "begin": "x", "city": "a", "price": "1,50", "more": {"deep": [1.10]}}'
    after = find_repair("decimal_comma:column=price", CONTRACT).apply(before, json_form, CONTRACT)
    assert after == '{"id": 12345678901234567890, "begin": "x", "city": "a", "price": "1.50", "more": {"deep": [1.1]}}'
    record = json_form.record(before)
    assert record is not None
    assert record["id"] == "12345678901234567890"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0")), min_size=4, max_size=4))
def test_a_record_written_is_the_record_read(cells: list[str]) -> None:
    for delimiter in (",", ";", "\t", "||"):
        if len(delimiter) > 1 and any(delimiter[0] in cell for cell in cells):
            continue
        own = form(delimiter)
        assert own.fields(own.line(cells)) == cells


def test_any_bytes_are_decoded_and_encoded_back() -> None:
    for encoding in ("utf-8", "utf-8-sig", "cp1252", "shift_jis"):
        own = form(encoding=encoding)
        raw = bytes(range(256))
        assert own.encode(own.decode(raw)) == raw


def test_lines_are_read_and_written() -> None:
    assert parse_line("epoch:column=a,unit=ms") == ("epoch", {"column": "a", "unit": "ms"})
    assert parse_line(write_line("read_date", column="a", format="%b %d, %Y")) == (
        "read_date",
        {"column": "a", "format": "%b %d, %Y"},
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nothing_like_it", "there is no repair 'nothing_like_it'; there are .*decimal_comma"),
        ("epoch", "needs the setting column="),
        ("epoch:column=nobody", "has no column 'nobody'; it has id, start, city, price"),
        ("epoch:column=city", "for columns of type datetime or date; 'city' is string"),
        ("epoch:column=start,unit=h", "must be one of s, ms, us"),
        ("epoch:column=start,units=s", "no setting 'units'; it has column, unit"),
        ("epoch:column", "written KEY=VALUE"),
        ("scale:column=price,by=0", "a number other than 0"),
        ("decode_as:encoding=klingon", "no encoding 'klingon'"),
        ("gone", "repairs.gone: .* cannot be loaded"),
    ],
)
def test_wrong_repairs_are_refused(line: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        find_repair(line, CONTRACT)


@pytest.mark.parametrize("repair", ["decimal_comma", "join_decimal_comma", "strip_thousands", "round_decimal"])
def test_what_writes_a_point_is_not_for_numbers_with_a_comma(repair: str) -> None:
    price = CONTRACT.columns["price"].model_copy(update={"number_format": "1.234,56"})
    contract = CONTRACT.model_copy(update={"columns": {**CONTRACT.columns, "price": price}})
    with pytest.raises(UsageError, match=r"writes numbers as 1234\.56, and .price. has number_format: 1\.234,56"):
        find_repair(f"{repair}:column=price", contract)


def test_a_digest_covers_name_settings_and_code() -> None:
    lines = ("epoch:column=start", "epoch:column=start,unit=ms", "shout", "drop_nul")
    assert len({find_repair(line, CONTRACT).digest for line in lines}) == 4
    assert find_repair("drop_nul", CONTRACT).digest == find_repair("drop_nul", CONTRACT).digest


@pytest.mark.parametrize(
    ("line", "before", "after"),
    [
        ("epoch:column=t", "1780221600", "2026-05-31T12:00:00+0200"),
        ("swap_day_month:column=t", "2026-31-05T10:00:00Z", "2026-05-31T12:00:00+0200"),
        ("read_date:column=t,format=%d.%m.%Y %H:%M%z", "31.05.2026 06:00-0400", "2026-05-31T12:00:00+0200"),
        ("read_date:column=t,format=%d.%m.%Y %H:%M", "31.05.2026 12:00", "2026-05-31T12:00:00+0200"),
    ],
)
def test_a_time_in_a_zone_stays_the_same_moment(line: str, before: str, after: str) -> None:
    column = Contract.model_validate(
        {
            "dataset": "a",
            "columns": {"t": {"type": "datetime", "formats": ["%Y-%m-%dT%H:%M:%S%z"], "time_zone": "Europe/Berlin"}},
        }
    )
    own = RecordForm(file_format="csv", dialect=Dialect(delimiter=","), header=("t",), columns=("t",))
    assert find_repair(line, column).apply(before, own, column) == after
