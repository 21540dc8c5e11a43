import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from storage.identities import Identities, other_id

NUMBER = st.integers(0, 2**64 - 1) | st.integers(0, 20)
PAIRS = st.lists(st.tuples(NUMBER, NUMBER), max_size=30)


def column(pairs: list[tuple[int, int]], at: int) -> np.ndarray:  # type: ignore[type-arg]
    return np.array([pair[at] for pair in pairs], np.uint64)


@given(st.lists(PAIRS, max_size=12), st.lists(NUMBER, max_size=30))
def test_it_is_a_map_in_which_the_first_value_stays(
    added: list[list[tuple[int, int]]], asked: list[int]
) -> None:
    known: dict[int, int] = {}
    identities = Identities()
    for pairs in added:
        for id_, check in pairs:
            known.setdefault(id_, check)
        identities.add(column(pairs, 0), column(pairs, 1))
    asked += list(known)
    found, checks = identities.find(np.array(asked, np.uint64))
    assert found.tolist() == [id_ in known for id_ in asked]
    assert checks.tolist() == [known.get(id_, 0) for id_ in asked]
    assert len(identities) == len(known)


def test_runs_stay_few() -> None:
    identities = Identities()
    for number in range(2000):
        ids = np.array([number], np.uint64)
        identities.add(ids, ids)
    assert len(identities._runs) <= 11


def test_another_id_is_another_for_each_attempt() -> None:
    assert len({other_id(7, 8, attempt) for attempt in range(1, 256)}) == 255
    # low64(XXH3_128(check || id || 01)), big-endian.
    assert other_id(1, 2, 1) == other_id(1, 2, 1) != other_id(2, 1, 1)
