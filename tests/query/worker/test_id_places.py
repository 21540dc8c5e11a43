"""Rows are found by their ids, however the upper bits of these lie."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from query.worker.id_lookup import IdLookup
from query.worker.id_places import id_places, many_ids

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
        places, rows = id_places(column, wanted, many_ids(wanted))
        own = column if rows is None else column[rows]
        assert (wanted[places] == own).all()
        assert len(places) == len(wanted)


@settings(max_examples=50)
@given(st.lists(IDS, max_size=20), st.sets(IDS))
def test_lookup_of_ids(column: list[int], asked: set[int]) -> None:
    ids = sorted(asked)
    found = IdLookup(np.array(ids, np.uint64)).places(np.array(column, np.uint64))
    assert found.tolist() == [ids.index(one) if one in asked else -1 for one in column]


def test_lookup_of_ids_that_are_no_hashes() -> None:
    ids = np.arange(0, 3_000, 3, dtype=np.uint64)
    found = IdLookup(ids).places(np.arange(3_100, dtype=np.uint64))
    places = np.flatnonzero(found >= 0)
    assert (places == ids).all()
    assert (found[places] == np.arange(1_000)).all()
