"""The tail of the chi-squared distribution, against SciPy's."""

from __future__ import annotations

import pytest
from scipy.special import gammaincc

from tasks.analyze.chi_squared import chi_squared_tail


@pytest.mark.parametrize("degrees", [1, 2, 7, 99, 9_999])
@pytest.mark.parametrize("ratio", [0.0, 0.01, 0.5, 0.97, 1.0, 1.03, 1.5, 4.0, 60.0])
def test_it_is_what_scipy_says(degrees: int, ratio: float) -> None:
    expected = float(gammaincc(degrees / 2, degrees * ratio / 2))
    assert chi_squared_tail(degrees * ratio, degrees) == pytest.approx(expected, rel=1e-9, abs=1e-300)
