"""Rows that are in no file yet, chosen by their times as files are."""

import pytest
from support.snapshots import HOUR_NS, START_NS, FakeSource

from query.hot_times import chunks_within
from query.job import given
from query.service import QueryService


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [(None, None, [0, 1]), (None, 1, [0]), (2, None, [1]), (1, 2, [0, 1]), (3, None, [])],
)
def test_chunks_of_a_time(
    data: FakeSource, first: int | None, last: int | None, found: list[int]
) -> None:
    for hours in ((0, 1), (2, 2)):
        data.add_hot("spans", [{"start_time": START_NS + hour * HOUR_NS} for hour in hours])
    data.add_hot("logs", [{"time": START_NS}])
    bounds = (None if one is None else START_NS + one * HOUR_NS for one in (first, last))
    with data.snapshot("default") as snapshot:
        chosen = chunks_within(snapshot, "spans", *bounds)
    assert [data.hot.index(chunk) for chunk in chosen] == found


def test_a_row_without_a_time_counts_when_it_was_received(data: FakeSource) -> None:
    data.add_hot("spans", [{"start_time": None, "received_time": START_NS + HOUR_NS}])
    assert data.hot[0].min_time_ns == data.hot[0].max_time_ns == START_NS + HOUR_NS


def test_a_worker_is_given_the_chunks_that_matter(data: FakeSource) -> None:
    for hour in range(3):
        data.add_hot("spans", [{"start_time": START_NS + hour * HOUR_NS}])
    hour = (START_NS + HOUR_NS, START_NS + 2 * HOUR_NS - 1, None)
    with data.snapshot("default") as snapshot:
        assert len(given(snapshot, {"spans": hour}).hot_fds) == 1
        # What is derived of a time may be made of rows of another.
        assert len(given(snapshot, {"spans": hour, "trace_parts": hour}).hot_fds) == 3
        assert given(snapshot, {"trace_parts": hour}).tables["spans"]["hot"] == 3


def test_rows_of_a_time_are_counted(service: QueryService, data: FakeSource) -> None:
    for hour in range(3):
        data.add_hot("spans", [{"start_time": START_NS + hour * HOUR_NS}] * (hour + 1))
    assert service.rows_within("spans", START_NS + HOUR_NS, START_NS + 2 * HOUR_NS) == 2
    assert service.rows_within("spans", START_NS, None) == 6
