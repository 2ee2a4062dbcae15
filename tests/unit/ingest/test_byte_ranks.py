from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tasks.ingest.byte_ranks import ByteRanks


@given(st.lists(st.sampled_from(b"a,"), max_size=300).map(bytes))
def test_every_place_knows_what_is_before_it(data: bytes) -> None:
    places = np.arange(len(data) + 1)
    assert ByteRanks(data, ord(",")).before(places).tolist() == [data.count(b",", 0, place) for place in places]


def test_bytes_are_looked_at_in_slices() -> None:
    data = b"a," * (1 << 19)
    assert ByteRanks(data, ord(",")).before(np.array([0, 1 << 19, len(data)])).tolist() == [0, 1 << 18, 1 << 19]


@given(st.lists(st.sampled_from(b"a,"), max_size=300).map(bytes))
def test_all_places_are_found_in_order(data: bytes) -> None:
    ranks = ByteRanks(data, ord(","))
    assert ranks.places().tolist() == [place for place, byte in enumerate(data) if byte == ord(",")]
    assert ranks.count == data.count(b",")
