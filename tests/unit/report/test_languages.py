"""Numbers and dates in the languages a contract can name."""

from datetime import UTC, date, datetime
from typing import get_args

import pytest

from expectations.contract import Display
from tasks.report.languages import numbers_for


def test_german_on_berlin_time() -> None:
    numbers = numbers_for(Display(language="de", time_zone="Europe/Berlin"))
    assert numbers.real(1234567.0) == "1.234.567"
    assert numbers.share(0.123) == "12,3 %"
    assert numbers.day(date(2026, 3, 4)) == "04.03.2026"
    assert numbers.month_and_year(date(2026, 3, 4)) == "Mär 2026"
    assert numbers.moment(datetime(2026, 9, 22, 23, 30, tzinfo=UTC)) == "23.09.2026 01:30:00 CEST"


@pytest.mark.parametrize("language", get_args(Display.model_fields["language"].annotation))
def test_every_language_is_known(language: str) -> None:
    numbers = numbers_for(Display.model_validate({"language": language}))
    assert len(numbers.months) == 12
    assert "2026" in numbers.day(date(2026, 9, 22))
