from __future__ import annotations

import pytest

from tasks.ingest.dialect import detect_dialect
from tasks.ingest.options import ReadOptions

TABLE = [["id", "day", "note"], ["1", "2024-01-05", "a b"], ["2", "2024-01-06", "c"], ["3", "2024-01-07", "d, e; f"]]


def written(delimiter: str, quote: str = '"', line_end: str = "\n") -> str:
    cells = [[f"{quote}{cell}{quote}" if len(cell) < 8 and cell[0] >= "a" else cell for cell in row] for row in TABLE]
    return "".join(delimiter.join(row) + line_end for row in cells)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "||", ", ", "|~|", "¦", "->", "\t\t"])
def test_delimiters(delimiter: str) -> None:
    assert detect_dialect(written(delimiter)).delimiter == delimiter


def test_a_doubled_delimiter_is_found_beside_the_same_sign_in_cells() -> None:
    rows = [["id", "at", "note"], *([str(n), f"10:0{n}:00+02:00", "a b"] for n in range(5))]
    assert detect_dialect("".join("::".join(row) + "\n" for row in rows)).delimiter == "::"


@pytest.mark.parametrize("quote", ['"', "'"])
def test_quotes(quote: str) -> None:
    assert detect_dialect(written(",", quote)).quote == quote


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends(line_end: str) -> None:
    assert detect_dialect(written(",", line_end=line_end)).line_end == line_end


def test_an_escape_is_found_where_quotes_are_broken_without_it() -> None:
    text = '1,"say \\"yes\\", or no",x\n2,"a",y\n3,"b \\"c\\"",z\n'
    assert detect_dialect(text).escape == "\\"
    assert detect_dialect(text.replace("\\", '"')).escape is None


@pytest.mark.parametrize("escape", "^~/")
def test_another_escape_is_found_where_it_mends_several_lines(escape: str) -> None:
    text = "".join(f'{n},"say {escape}"yes{escape}", or no",x\n' for n in range(4))
    assert detect_dialect(text).escape == escape


def test_a_backslash_may_stand_for_quotes() -> None:
    rows = [["1", "a\\;b", "x"], ["2", "c", "y\\;z"], ["3", "d", "e"], ["4", "f", "g"]]
    text = "".join(";".join(row) + "\n" for row in rows)
    assert detect_dialect(text).escape == "\\"
    paths = "".join(f"{n};C:\\data\\;x\n" for n in range(4))
    assert detect_dialect(paths).escape is None


@pytest.mark.parametrize("quote", "`~^$%*")
def test_a_sign_that_stands_around_cells_and_nowhere_else_is_a_quote(quote: str) -> None:
    rows = [["1", f"{quote}a;b{quote}", "x"], ["2", "c", f"{quote}d;e{quote}"], ["3", "f", f"{quote}g;h{quote}"]]
    text = "".join(";".join(row) + "\n" for row in [["id", "one", "two"], *rows])
    assert detect_dialect(text).quote == quote
    assert detect_dialect(text + f"4;5{quote};z\n").quote == '"'


def test_expected_names_decide_what_the_text_leaves_open() -> None:
    text = "a b,c\n1 2,3\n"
    assert detect_dialect(text, names=["b,c"]).delimiter == " "
    assert detect_dialect(text, names=["a b", "c"]).delimiter == ","


def test_what_is_given_is_not_guessed() -> None:
    found = detect_dialect("a,b\n1,2\n", options=ReadOptions(delimiter=";", quote="", escape="\\"))
    assert (found.delimiter, found.quote, found.escape) == (";", None, "\\")


def test_a_comma_within_each_number_parts_nothing_where_another_sign_does() -> None:
    lines = ['"run 1" ; "run 2" ; "run 3" ; \n', *(f"{at},25 ; -{at},5E+02 ; 1,{at}E-01 ; \n" for at in range(9))]
    assert detect_dialect("".join(lines)).delimiter == " ; "


def test_a_sign_of_money_is_no_delimiter() -> None:
    assert detect_dialect("'Ek Ltd.';£ 1,80;£ 900,50\n'Holm Ltd.';£ 2,00;£ 100,30\n").delimiter == ";"


def test_a_point_of_another_script_is_no_delimiter() -> None:
    assert detect_dialect("你不能吃。,You may not.\n我们走。,We go.\n他来。,He comes.\n").delimiter == ","
