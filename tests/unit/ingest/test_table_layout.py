from __future__ import annotations

import pytest

from tasks.ingest.dialect import detect_dialect
from tasks.ingest.table_layout import TableLayout, find_table
from tasks.ingest.text_lines import split_lines

ROWS = "2024-01-05,1,apple\n2024-01-06,2,pear\n2024-01-07,3,plum\n2024-01-08,4,fig\n"


def layout(text: str) -> TableLayout:
    dialect = detect_dialect(text)
    return find_table(split_lines(text, dialect.line_end), dialect)


def test_a_header_is_told_from_the_rows() -> None:
    found = layout("day,count,fruit\n" + ROWS)
    assert (found.header, found.first_line) == (["day", "count", "fruit"], 1)


def test_a_table_may_have_no_header() -> None:
    found = layout(ROWS)
    assert (found.header, found.first_line) == ([], 0)


def test_titles_and_empty_rows_before_the_header_are_left_out() -> None:
    found = layout("Fruit of January,,\n,,\nday,count,fruit\n" + ROWS)
    assert (found.header_line, found.header, found.first_line) == (2, ["day", "count", "fruit"], 3)


def test_a_title_with_delimiters_of_its_own_is_left_out() -> None:
    found = layout("Made on Friday, 5 January, by us, for you\nday,count,fruit\n" + ROWS)
    assert found.header == ["day", "count", "fruit"]


def test_header_rows_are_joined_and_a_name_over_several_columns_counts_for_all() -> None:
    found = layout(
        "day,sold,,fruit\n,pieces,boxes,\n" + ROWS.replace(",a", ",9,a").replace(",p", ",8,p").replace(",f", ",7,f")
    )
    assert found.header == ["day", "sold pieces", "sold boxes", "fruit"]


def test_years_over_columns_are_a_header() -> None:
    found = layout("country,2001,2002,2003\nChad,1,2,3\nPeru,4,5,6\nFiji,7,8,9\n")
    assert found.header == ["country", "2001", "2002", "2003"]


@pytest.mark.parametrize(
    "names", ["1/22/20,1/23/20,1/24/20", "01.01.2026,02.01.2026,sum", "00:00,06:00,12:00", "2026-01,2026-02-01,x"]
)
def test_days_and_hours_over_numbers_are_names(names: str) -> None:
    found = layout(f"place,{names}\nA,1,2,3.5\nB,4,5,6.25\nC,7,8,9\nD,7,8,9\n")
    assert found.header == ["place", *names.split(",")]


def test_numbers_of_rows_may_have_no_name() -> None:
    rows = "".join(f'"{row}" {row * 1.5} "car {row}"\n' for row in range(1, 6))
    assert layout(f'"speed" "name"\n{rows}').header == ["", "speed", "name"]
    assert layout("id,speed\n1,4,\n2,5,\n3,6,\n").header == ["id", "speed", ""]
    assert layout("speed,name\n3,4,5\n1,4,6\n2,4,7\n").header == ["speed", "name", ""]


def test_days_over_days_are_values() -> None:
    rows = "01.02.2026,02.02.2026,5\n03.02.2026,04.02.2026,6\n05.02.2026,09.02.2026,7\n06.02.2026,09.02.2026,8\n"
    assert layout(rows).header == []


def test_a_line_of_another_program_above_the_names_is_left_out() -> None:
    names, rows = "sum;kind;day;text\n", "".join(f"{row},50;S;{row + 10}01;RE\n" for row in range(9))
    found = layout(f'"EXTF";700;21;"Batch";9;20260131;;"RE";"";"";1001;2026;"January";0\n{names}{rows}')
    assert (found.header, found.first_line, found.end_line) == (["sum", "kind", "day", "text"], 2, None)


def test_times_and_addresses_are_no_names() -> None:
    rows = [f"Jan {row} 10:00:0{row} a{row % 3} ssh[1{row}]: Failed for 10.0.0.{row} port {row}" for row in range(1, 9)]
    found = layout("\n".join(rows) + "\n")
    assert (found.header, found.first_line) == ([], 0)


def test_another_table_begins_where_the_names_come_again() -> None:
    found = layout("day,count,fruit\n" + ROWS + "day,count,fruit,price\n2024-01-05,1,apple,3\n")
    assert found.end_line == 5


def test_another_table_begins_with_names_of_another_width_also_without_a_break() -> None:
    found = layout("day,count,fruit\n" + ROWS + "shop,sold\nMain,4\nWest,5\nEast,6\n")
    assert (found.end_line, found.width) == (5, 3)
    ragged = layout("day,count,fruit\n" + ROWS + "shop,sold\nMain,4\n" + ROWS)
    assert ragged.end_line is None


def test_sentences_with_a_comma_here_and_there_are_one_column() -> None:
    plain = ["It came late.", "All is well.", "Nobody was there.", "Paid.", "Sent again."]
    lines = [
        "remark",
        *plain,
        "Late, but whole.",
        "Open, and empty.",
        *plain,
        "Red, green.",
        *plain,
        "No, it is not.",
        "Sent.",
        "Yes, it is.",
        *plain,
    ]
    assert layout("".join(f"{line}\n" for line in lines)).header == ["remark"]


def test_codes_are_no_names() -> None:
    found = layout(
        "".join(f"A{n}-{n}12,open,Hugo {name}\n" for n, name in enumerate(["Silva", "Weber", "Rossi", "Maier"]))
    )
    assert found.header == []


def test_a_damaged_header_is_read_as_names() -> None:
    found = layout("day,,count,fruit\n" + ROWS)
    assert (found.header, found.width) == (["day", "count", "fruit"], 3)


@pytest.mark.parametrize(
    ("below", "first"),
    [
        ("# printed on Friday\n# by us\n", 3),
        (",,\n", 2),
        ("2024-01-04,,\n", 1),
        ("Fruit:,,\n", 1),
        (",n/a,fig\n", 1),
    ],
    ids=["remarks", "empty", "hardly filled", "label", "no value"],
)
def test_names_may_stand_further_up_than_right_above_the_values(below: str, first: int) -> None:
    found = layout("day,count,fruit\n" + below + ROWS)
    assert (found.header, found.first_line) == (["day", "count", "fruit"], first)


def test_a_row_below_full_names_that_lacks_values_is_no_header() -> None:
    rows = "fig,,open,Oslo\nplum,,open,Wien\n" + "fig,1,open,Oslo\nplum,2,closed,Wien\npear,3,open,Oslo\n" * 2
    assert layout("fruit,count,state,town\n" + rows).first_line == 1
    assert layout("a,b,c\nNaN,NaN,NaN\nINF,INF,INF\n" + "1,2,3\n" * 6).first_line == 1


def test_units_below_names_are_a_header() -> None:
    found = layout("day,count,fruit\nISO,pcs,kind\n" + ROWS)
    assert (found.header, found.first_line) == (["day ISO", "count pcs", "fruit kind"], 2)


def test_the_column_that_names_the_rows_may_have_no_name() -> None:
    assert layout(",count\na,1\nb,2\nc,3\n").header == ["", "count"]


def test_years_with_gaps_over_columns_are_a_header() -> None:
    found = layout(";1985;1993;2000\nChad;1;2;3\nPeru;4;5;6\nFiji;7;8;9\n")
    assert found.header == ["", "1985", "1993", "2000"]
    assert layout("Ek;1901;1920;1980\nLund;1902;1930;1990\nBerg;1903;1940;1999\n").header == []


def test_rows_that_are_all_shorter_than_the_names_lack_cells() -> None:
    found = layout("id,name,town\n1,Ek\n2,Lund\n3,Berg\n4,Holm\n")
    assert (found.header, found.width, found.row_width) == (["id", "name", "town"], 3, 2)


def test_a_header_over_broken_rows_tells_the_width() -> None:
    found = layout('"no","note"\n"1","he said:"fine.""\n"2","it is "so""\n')
    assert found.header == ["no", "note"]


def test_values_like_names_in_small_letters_begin_no_table() -> None:
    assert layout("A,B,C\na,b,b\nx,y,z\n").end_line is None


def test_the_same_row_over_and_over_is_no_header() -> None:
    assert layout("valid,valid\n" * 8).header == []
    assert layout("fruit,town\n" * 3 + "fig,Oslo\nplum,Wien\npear,Graz\n").header_rows == 3
