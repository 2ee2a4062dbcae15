"""Quantiles, counts and medians of distances read off the buckets are those of the values themselves.

Buckets are made so few and so small here that every way is taken: single values, buckets cut again, values fetched.
"""

from __future__ import annotations

import statistics
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expectations.contract import Contract
from tasks.analyze import spread as spread_module
from tasks.analyze.batch_frame import BatchFrame
from tasks.analyze.engines import open_engine
from tasks.analyze.look import first_look
from tasks.analyze.ranks import ALL, Ranks
from tasks.analyze.spread import spread_of
from tasks.analyze.sums import moments_of
from tasks.landed import landed_schema
from tests.spec.small_batches import contract_of

WHOLE = contract_of({"x": "integer", "kind": "string"}, value="x", category="kind")
REAL = contract_of({"x": "float", "kind": "string"}, value="x", category="kind")
SHARES = [Fraction(0), Fraction(1, 20), Fraction(1, 3), Fraction(1, 2), Fraction(3, 4), Fraction(1)]

FINEST = 1e-300  # what is smaller adds nothing to a sum: a grid is no finer than 2**-1000

wholes = st.integers(-(2**62), 2**62) | st.integers(-50, 50)
reals = st.floats(-1e300, 1e300) | st.floats(-1, 1) | st.sampled_from([0.1, 0.2, 0.30000000000000004])
kinds = st.sampled_from(["a", "b", None])


@pytest.fixture(autouse=True)
def few_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread_module, "_BUCKET_BITS", 4)
    monkeypatch.setattr(spread_module, "_MANY", 3)


def ranks_of(values: list[tuple[float, str | None]], contract: Contract, folder: str) -> Ranks:
    columns = {"x": [x for x, _ in values], "kind": [kind for _, kind in values]}
    provenance = {"__line": range(len(values)), "__span": [1] * len(values)}
    path = Path(folder) / "rows.parquet"
    pl.DataFrame(columns | provenance, schema=landed_schema(contract)).write_parquet(path)
    batch = BatchFrame(open_engine("polars", [path], contract), contract)
    scale = first_look(batch).value
    assert scale is not None
    return Ranks(batch, spread_of(batch, scale, "kind", pl.Series(["a", "b"])))


def quantile(values: list[Fraction], share: Fraction) -> Fraction:
    place = share * (len(values) - 1)
    low = int(place)
    return values[low] + (values[min(low + 1, len(values) - 1)] - values[low]) * (place - low)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), contract=st.sampled_from([WHOLE, REAL]))
def test_what_is_read_off_is_what_the_values_say(data: st.DataObject, contract: Contract) -> None:
    cell = wholes if contract is WHOLE else reals
    values = data.draw(st.lists(st.tuples(cell, kinds), min_size=1, max_size=25))
    with TemporaryDirectory() as folder:
        ranks = ranks_of(values, contract, folder)
        for key in [ALL, *sorted({kind for _, kind in values if kind})]:
            own = sorted(Fraction(x) for x, kind in values if key in (ALL, kind))
            assert ranks.quantiles({key: SHARES})[key] == [quantile(own, share) for share in SHARES]
            bounds = [own[0], own[-1], (own[0] + own[-1]) / 2, own[-1] + 1]
            assert ranks.below({key: bounds})[key] == [sum(x < bound for x in own) for bound in bounds]
            assert ranks.below({key: bounds}, or_equal=True)[key] == [sum(x <= bound for x in own) for bound in bounds]
            median = quantile(own, Fraction(1, 2))
            distances = sorted(abs(x - median) for x in own)
            assert ranks.median_distance({key: median})[key] == quantile(distances, Fraction(1, 2))


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.tuples(st.integers(-(2**61), 2**61), kinds), min_size=2, max_size=25))
def test_moments_of_whole_numbers_are_exact(values: list[tuple[float, str | None]]) -> None:
    with TemporaryDirectory() as folder:
        moments = moments_of(ranks_of(values, WHOLE, folder).spread)
    numbers = [Fraction(x) for x, _ in values]
    assert (moments.count, moments.exact_total) == (len(numbers), sum(numbers))
    assert moments.std == pytest.approx(float(statistics.stdev(numbers)), rel=1e-11)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.tuples(st.floats(-1e9, 1e9), kinds), min_size=2, max_size=25))
def test_moments_of_floats_are_as_good_as_a_float_sum(values: list[tuple[float, str | None]]) -> None:
    with TemporaryDirectory() as folder:
        moments = moments_of(ranks_of(values, REAL, folder).spread)
    largest = max(abs(x) for x, _ in values)
    error = max(largest * 1e-13, FINEST)
    assert float(moments.exact_total) == pytest.approx(float(sum(Fraction(x) for x, _ in values)), abs=error)
