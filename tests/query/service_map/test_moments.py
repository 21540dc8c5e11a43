"""Any range of a file's calls, counted: equal to looking at each time."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from query.service_map.moments import Moments
from query.service_map.tally import NAME_BITS, TYPE_BITS, VIRTUAL_BITS
from query.summaries.counts import Names

# Around the ends of blocks of 2^32 ns, and far from one another.
NEAR_NS = [1_767_225_600 * 10**9 // 2**32 * 2**32 + number for number in (-1, 0, 1, 2**31, 2**32)]
# Of each service the last one at which its calls are looked at.
STEPS = {"a": 2, "b": 3, "c": 5}
TIMES_NS = st.sampled_from([0, 1, 2**62, *NEAR_NS])


def _table(times_ns: dict[str, list[int]]) -> pa.Table:
    """Pairs of a service with itself, in columns of calls_of_files.sql."""
    names = list(times_ns)
    same = [0] * len(names)
    return pa.table(
        {
            "what": pa.array(["pair"] * len(names), pa.string()),
            "step": pa.array([STEPS[name] for name in names], pa.int32()),
            "client": pa.array(names, pa.string()),
            "server": pa.array(names, pa.string()),
            "connection_type": pa.array([""] * len(names), pa.string()),
            "virtual_side": pa.array([""] * len(names), pa.string()),
            "client_bucket": pa.array(same, pa.int32()),
            "server_bucket": pa.array(same, pa.int32()),
            "failed": pa.array([False] * len(names), pa.bool_()),
            "weight": pa.array([1.0] * len(names), pa.float64()),
            "by_link": pa.array([False] * len(names), pa.bool_()),
            "of_one_trace": pa.array([True] * len(names), pa.bool_()),
            "keys": pa.array([[]] * len(names), pa.list_(pa.uint64())),
            "times": pa.array(list(times_ns.values()), pa.list_(pa.int64())),
        }
    )


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abc"), st.lists(TIMES_NS, min_size=1, max_size=5)),
    TIMES_NS,
    TIMES_NS,
    st.sampled_from([2, 3, 5]),
)
def test_as_many_as_there_are(
    times_ns: dict[str, list[int]], first: int, before: int, step: int
) -> None:
    names = Names()
    moments = Moments.of(_table(times_ns), names, range(2, 6)).from_step(step)
    assert list(moments.steps) == list(range(step, 6))
    found = moments.between(first, before)
    inside = {
        name: sum(first <= one < before for one in times)
        for name, times in times_ns.items()
        if STEPS[name] >= step
    }
    clients = [names.name(edge >> (NAME_BITS + TYPE_BITS + VIRTUAL_BITS)) for edge in found.edges]
    counts = dict(zip(clients, found.spans, strict=True))
    assert counts == {name: count for name, count in inside.items() if count}
