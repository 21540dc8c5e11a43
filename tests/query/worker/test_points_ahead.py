"""Points that are read at once come part after part, each as if it had been read alone."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from query.prometheus.stored.plain_points import PlainPoints
from query.prometheus.stored.series_ids import Ids
from query.worker.points_ahead import PointsAhead

PARTS = [[2, 8], [5], [1, 2**64 - 1], [7]]
# Batches of a series and a time each; the value is the place in all.
BATCHES = st.lists(
    st.lists(
        st.tuples(st.sampled_from([2, 8, 5, 1, 2**64 - 1, 7]), st.integers(0, 9)), max_size=12
    ),
    max_size=4,
)


class Reading:
    """Of points in memory; `times_read` is how often."""

    def __init__(self, batches: list[list[tuple[int, int]]]) -> None:
        self._batches = batches
        self.times_read = 0

    def __call__(self, ids: Ids) -> Iterator[PlainPoints]:
        self.times_read += 1
        places = {one: place for place, one in enumerate(ids.tolist())}
        first = 0
        for batch in self._batches:
            rows = [(n, one) for n, one in enumerate(batch, first) if one[0] in places]
            first += len(batch)
            values = pa.table({"value": pa.array([n for n, _ in rows], pa.int64())})
            times = np.array([time for _, (_, time) in rows], dtype=np.int64)
            own = np.array([places[one] for _, (one, _) in rows], dtype=np.int32)
            yield PlainPoints(own, times, values)


def _cells(ids: Ids, points: PlainPoints) -> list[tuple[int, int, int]]:
    values = points.columns.column("value").to_pylist() if len(points.places) else []
    own = ids[points.places].tolist()
    return list(zip(own, points.times_ms.tolist(), values, strict=True))


@given(batches=BATCHES, one_of_two=st.booleans())
@settings(max_examples=40, deadline=None)
def test_each_part_as_alone(batches: list[list[tuple[int, int]]], one_of_two: bool) -> None:
    reading, alone = Reading(batches), Reading(batches)
    ahead = PointsAhead([np.array(part, np.uint64) for part in PARTS])
    for part in PARTS:
        ids = np.array(part[:1] if one_of_two else part, np.uint64)
        assert ahead.knows(ids)
        wanted = [cell for batch in alone(ids) for cell in _cells(ids, batch)]
        assert _cells(ids, ahead.points(ids, "key", reading)) == wanted
    assert reading.times_read == 1


def test_what_was_handed_out_is_read_again() -> None:
    reading = Reading([[(5, 1), (7, 2)]])
    ahead = PointsAhead([np.array([5], np.uint64), np.array([7], np.uint64)])
    ids = np.array([5], np.uint64)
    for _ in range(2):
        assert _cells(ids, ahead.points(ids, "key", reading)) == [(5, 1, 0)]
    assert reading.times_read == 2


def test_series_of_several_parts_are_not_known() -> None:
    ahead = PointsAhead([np.array(part, np.uint64) for part in PARTS])
    for ids in ([2, 5], [3], [2, 9], []):
        assert not ahead.knows(np.array(ids, np.uint64))
    assert not PointsAhead([]).knows(np.array([1], np.uint64))
