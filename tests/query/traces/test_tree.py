"""Where spans stand in their trees, and what is odd about them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from query.traces.tree import Forest, Link, forest


def of(*spans: tuple[str, str | None, int | None]) -> Forest:
    return forest([Link(*span) for span in spans])


def test_parents_come_before_children_and_siblings_by_start() -> None:
    found = of(("c", "a", 5), ("a", None, 1), ("b", "a", 2), ("d", "b", 3))
    assert found.order == [1, 2, 3, 0]
    assert found.depth == [1, 0, 1, 2]
    assert found.parent == [1, -1, 1, 2]
    assert found.children == [[], [2, 0], [3], []]
    assert found.roots == {1: "no_parent"}
    assert (found.missing_parents, found.duplicates, found.cycles) == ({}, {}, [])


def test_spans_without_a_start_come_last() -> None:
    assert of(("a", None, 0), ("b", "a", None), ("c", "a", 9)).order == [0, 2, 1]


def test_several_roots_are_told_apart() -> None:
    found = of(("a", None, 3), ("b", "x", 1), ("c", None, 2), ("d", "x", 4))
    assert found.roots == {1: "missing_parent", 2: "no_parent", 0: "no_parent", 3: "missing_parent"}
    assert list(found.roots) == [1, 2, 0, 3]
    assert found.missing_parents == {"x": [1, 3]}
    assert found.depth == [0, 0, 0, 0]


def test_spans_of_one_id_all_stay_and_the_first_has_the_children() -> None:
    found = of(("a", None, 2), ("b", "a", 3), ("a", None, 1))
    assert found.duplicates == {"a": [2, 0]}
    assert found.order == [2, 1, 0]
    assert found.parent == [-1, 2, -1]


def test_a_span_may_share_its_id_with_its_parent() -> None:
    """As one id was once used by both sides of a call."""
    found = of(("a", None, 1), ("a", "a", 2))
    assert found.parent == [-1, 0]
    assert found.cycles == []


def test_a_circle_is_cut_at_its_earliest_span() -> None:
    found = of(("a", "b", 2), ("b", "c", 1), ("c", "a", 3), ("d", "c", 4), ("r", None, 9))
    assert found.cycles == [[2, 0, 1]]
    assert found.roots == {1: "cycle", 4: "no_parent"}
    assert found.order == [1, 0, 2, 3, 4]
    assert found.depth == [1, 0, 2, 3, 0]


def test_a_span_may_name_itself() -> None:
    found = of(("a", "a", 1))
    assert (found.cycles, found.roots, found.order) == ([[0]], {0: "cycle"}, [0])


def test_a_trace_may_be_as_deep_as_it_has_spans() -> None:
    count = 50_000
    found = of(*((str(n), str(n - 1) if n else None, count - n) for n in range(count)))
    assert found.order == list(range(count))
    assert found.depth == list(range(count))


IDS = st.sampled_from("abcdef")
SPANS = st.lists(st.tuples(IDS, st.none() | IDS, st.none() | st.integers(0, 5)), max_size=12)


@given(SPANS)
def test_no_span_is_lost_or_shown_twice(spans: list[Any]) -> None:
    found = of(*spans)
    assert sorted(found.order) == list(range(len(spans)))
    at = {one: place for place, one in enumerate(found.order)}
    for one, above in enumerate(found.parent):
        if above < 0:
            assert one in found.roots
            assert found.depth[one] == 0
        else:
            assert one not in found.roots
            assert spans[above][0] == spans[one][1]
            assert at[above] < at[one]
            assert found.depth[one] == found.depth[above] + 1
            assert one in found.children[above]


@given(SPANS)
def test_what_is_odd_is_named(spans: list[Any]) -> None:
    found = of(*spans)
    ids = [span[0] for span in spans]
    assert set(found.missing_parents) == {p for _, p, _ in spans if p is not None} - set(ids)
    assert set(found.duplicates) == {id_ for id_ in ids if ids.count(id_) > 1}
    for cycle in found.cycles:
        for one, above in zip(cycle, cycle[1:] + cycle[:1], strict=True):
            assert spans[one][1] == spans[above][0]
