from __future__ import annotations

import polars as pl
import pytest

from tasks.ingest.inferred_types import inferred_type
from tasks.ingest.table_file import unique_names

MIXED = "datetime %Y-%m-%d %H:%M:%S or %d.%m.%Y %H:%M or %Y-%m-%d"


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (["1", "-20", "+3", ""], "integer"),
        (["1", "007"], "string, digits with leading zeros"),
        (["9223372036854775807"], "integer"),
        (["9223372036854775808"], "string, whole numbers past 64 bits"),
        (["1.5", "20", "3.125"], "decimal, scale 3"),
        (["1e3", "2.5"], "decimal, scale 1"),
        (["1e-30", "2.5"], "float"),
        (["true", "NO"], "boolean"),
        (["2024-02-29", None], "date %Y-%m-%d"),
        (["31.12.2024", "01.02.2024"], "date %d.%m.%Y"),
        (["12/31/2024", "01/02/2024"], "date %m/%d/%Y"),
        (["2024-01-05 10:00:00"], "datetime %Y-%m-%d %H:%M:%S"),
        (["2024-01-05T10:00:00.25Z", "2024-01-05T10:00:00+02:00"], "datetime %Y-%m-%dT%H:%M:%S%.f%#z"),
        (["31.12.24", "01.02.25"], "date %d.%m.%y"),
        (["12/31/24", "01/02/25"], "date %m/%d/%y"),
        (["1.2.24", "1.12.3"], "string"),
        (["31-JAN-24", "01-FEB-24"], "date %d-%b-%y"),
        (["2026.01.31"], "date %Y.%m.%d"),
        (["  007", "   12", "     "], "string, digits with leading zeros"),
        (["  1.50", " 20.00"], "decimal, scale 2"),
        (["05-Jan-2024", "31-Dec-2023"], "date %d-%b-%Y"),
        (["1/5/2024 9:30:00 PM"], "datetime %m/%d/%Y %I:%M:%S %p"),
        (["2024-01-05", "31.12.2024", "2024-01-06"], "date %Y-%m-%d or %d.%m.%Y"),
        (["05.01.2024 10:00", "2024-01-05 10:00:00", "2024-01-05"], MIXED),
        (["25/12/2024", "12/25/2024", "26/12/2024"], "string"),
        (["2024-01-05T10:00:00Z", "2024-01-05 10:00:00"], "string"),
        (["a", "1"], "string"),
        (["866,94", "12,5", ""], "decimal, scale 2, as 1234,56"),
        (["1.234,56", "866,94"], "decimal, scale 2, as 1.234,56"),
        (["1,234.56", "12.50"], "decimal, scale 2, as 1,234.56"),
        (["1 234,56", "3"], "decimal, scale 2, as 1 234,56"),
        (["1'234.56", "12.00"], "decimal, scale 2, as 1'234.56"),
        (["1.234.567", "1.000"], "integer, as 1.234,56"),
        (["0,123", "0,456"], "decimal, scale 3, as 1234,56"),
        (["1.234", "2.345"], "decimal, scale 3"),
        (["1,234", "2,345"], "string"),
        (["192.168.1.1"], "string"),
        (["1,2,3"], "string"),
        (["", None, "NA"], "empty"),
    ],
)
def test_it_is_the_type_whose_cast_takes_every_value(values: list[str | None], name: str) -> None:
    assert inferred_type(pl.Series(values, dtype=pl.String)).name == name


def test_a_few_values_that_do_not_fit_are_said() -> None:
    found = inferred_type(pl.Series([*map(str, range(99)), "x", None]))
    assert (found.name, found.fit_share, round(found.filled_share, 3)) == ("mostly integer", 0.99, 0.99)


def test_a_format_that_hardly_a_value_has_is_no_second_one() -> None:
    found = inferred_type(pl.Series([*["2024-01-05"] * 200, "05/01/2024"]))
    assert found.column.formats == ("%Y-%m-%d",)
    assert found.fit_share == pytest.approx(200 / 201)


def test_names_of_columns_are_unique() -> None:
    header = ["a", "b", "a", " ", "a_3", "a"]
    assert unique_names(header, 7) == ["a", "b", "a_3", "column_4", "a_3_5", "a_6", "column_7"]
