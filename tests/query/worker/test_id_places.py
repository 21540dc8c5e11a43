"""Rows are found by their ids, however the upper bits of these lie."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from query.worker.id_places import id_places

# Some with equal upper bits.
IDS = st.builds(lambda upper, lower: (upper << 48) + lower, st.integers(0, 3), st.integers(0, 4))


@settings(max_examples=100)
@given(st.lists(IDS, max_size=20), st.sets(IDS, min_size=1))
def test_rows_of_ids(column: list[int], asked: set[int]) -> None:
    ids = sorted(asked)
    places, rows = id_places(np.array(column, np.uint64), np.array(ids, np.uint64))
    numbers = range(len(column)) if rows is None else rows.tolist()
    expected = [(row, ids.index(one)) for row, one in enumerate(column) if one in asked]
    assert list(zip(numbers, places.tolist(), strict=True)) == expected


def test_rows_of_many_ids() -> None:
    ids = np.unique(np.random.default_rng(1).integers(0, 2**64, 40_000, dtype=np.uint64))
    column = np.random.default_rng(2).permutation(ids)
    for wanted in (ids, ids[::2], ids[::1_000]):
        places, rows = id_places(column, wanted)
        own = column if rows is None else column[rows]
        assert (wanted[places] == own).all()
        assert len(places) == len(wanted)
