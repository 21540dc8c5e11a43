"""The critical path of a trace: cases that others published, and what always holds of it."""

import json
import random
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.trees import traces

from query.bottlenecks.trace import Piece, Span, Trace
from query.bottlenecks.walk import sections

PUBLISHED: Final = Path(__file__).parents[4] / "shared/fixtures/traces/critical_path.json"
TOLERANCES: Final = st.sampled_from([0.0, 0.01, 0.1, 0.5])


def path(spans: list[Span], tolerance: float = 0.0, root: str | None = None) -> list[Any]:
    """(span id, start, end) of each section."""
    trace = Trace.of(spans, root)
    return [(spans[span].span_id, start, end) for span, start, end in sections(trace, tolerance)]


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published cases are not here")
@pytest.mark.parametrize("number", range(9))
def test_published_cases(number: int) -> None:
    case = json.loads(PUBLISHED.read_text(encoding="utf-8"))[number]
    spans = []
    for span in case["trace"]["spans"]:
        kinds = [tag["value"] for tag in span.get("tags", []) if tag["key"] == "span.kind"]
        parents = [reference["spanID"] for reference in span["references"]]
        end = span["startTime"] + span["duration"]
        ids = (span["spanID"], next(iter(parents), None))
        spans.append(Span(*ids, span["startTime"], end, next(iter(kinds), None)))
    expected = [
        (section["spanID"], section["sectionStart"], section["sectionEnd"])
        for section in case["criticalPathSections"]
    ]
    assert path(spans) == expected[::-1]


def test_there_are_no_more_published_cases() -> None:
    if PUBLISHED.exists():
        assert len(json.loads(PUBLISHED.read_text(encoding="utf-8"))) == 9


@given(traces(), TOLERANCES)
def test_sections_cover_the_root_once(spans: list[Span], tolerance: float) -> None:
    found = sections(Trace.of(spans), tolerance)
    assert found[0].start_ns == 0
    assert found[-1].end_ns == spans[0].end_ns
    assert all(one.end_ns == other.start_ns for one, other in pairwise(found))
    assert all(piece.start_ns < piece.end_ns for piece in found)


@given(traces())
def test_a_section_lies_within_its_span(spans: list[Span]) -> None:
    for span, start_ns, end_ns in sections(Trace.of(spans)):
        assert (spans[span].start_ns or 0) <= start_ns < end_ns <= (spans[span].end_ns or 0)


@given(traces(), st.sampled_from([2, 1_000, 10**9]))
def test_scaled_times_scale_the_path(spans: list[Span], factor: int) -> None:
    def scaled(time_ns: int | None) -> int | None:
        return None if time_ns is None else time_ns * factor

    larger = [
        one._replace(start_ns=scaled(one.start_ns), end_ns=scaled(one.end_ns)) for one in spans
    ]
    expected = [
        Piece(span, start * factor, end * factor) for span, start, end in sections(Trace.of(spans))
    ]
    assert sections(Trace.of(larger)) == expected


@given(traces(), st.integers(0, 30), st.integers(0, 30), st.randoms(use_true_random=False))
def test_a_span_off_the_path_changes_nothing(
    spans: list[Span], start_ns: int, length_ns: int, chance: random.Random
) -> None:
    parent = chance.choice(spans).span_id
    more = [*spans, Span("new", parent, start_ns, start_ns + length_ns)]
    after = path(more)
    if all(span != "new" for span, _, _ in after):
        assert after == path(spans)


@given(traces(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(spans: list[Span], chance: random.Random) -> None:
    shuffled = list(dict.fromkeys(spans))
    chance.shuffle(shuffled)
    # Copies of one span may differ in nothing but their kind or parent, and then order decides.
    if len({span[:1] for span in spans}) == len(spans):
        assert path(shuffled) == path(spans)


def test_touching_siblings_follow_one_another() -> None:
    spans = [Span("r", None, 0, 30), Span("a", "r", 0, 10), Span("b", "r", 10, 20)]
    assert path(spans) == [("a", 0, 10), ("b", 10, 20), ("r", 20, 30)]


def test_overlap_within_the_tolerance_counts_as_one_after_the_other() -> None:
    spans = [Span("r", None, 0, 100), Span("a", "r", 10, 51), Span("b", "r", 50, 90)]
    alone = [("r", 0, 50), ("b", 50, 90), ("r", 90, 100)]
    assert path(spans) == path(spans, 0.009) == alone
    # As long as it was, so earlier: clocks are to blame.
    both = [("r", 0, 9), ("a", 9, 50), ("b", 50, 90), ("r", 90, 100)]
    assert path(spans, 0.01) == both


def test_what_overlaps_more_and_more_keeps_its_length() -> None:
    spans = [
        Span("r", None, 0, 1_000),
        Span("a", "r", 15, 405),
        Span("b", "r", 395, 710),
        Span("c", "r", 700, 1_000),
        Span("in a", "a", 115, 165),
    ]
    expected = [("a", 0, 95), ("in a", 95, 145), ("a", 145, 385), ("b", 385, 700)]
    assert path(spans, 0.01) == [*expected, ("c", 700, 1_000)]


def test_a_consumer_keeps_no_producer_waiting() -> None:
    spans = [
        Span("r", None, 0, 30, "producer"),
        Span("async", "r", 5, 20, "consumer"),
        Span("waited-for", "async", 6, 7, "client"),
    ]
    assert path(spans) == [("r", 0, 30)]
    awaited = [spans[0]._replace(kind="client"), spans[1]]
    assert path(awaited) == [("r", 0, 5), ("async", 5, 20), ("r", 20, 30)]


def test_a_span_is_cut_to_its_parent_and_its_children_to_what_is_left() -> None:
    spans = [Span("r", None, 10, 20), Span("a", "r", 5, 18), Span("b", "a", 0, 12)]
    assert path(spans) == [("b", 10, 12), ("a", 12, 18), ("r", 18, 20)]


def test_the_root_is_the_first_without_a_parent() -> None:
    spans = [
        Span("lost", "gone", 0, 100),
        Span("late", None, 20, 50),
        Span("early", None, 10, 30),
        Span("longer", None, 10, 40),
    ]
    assert path(spans) == [("longer", 10, 40)]
    assert Trace.of(spans).root_count == 4


def test_without_one_the_root_is_the_first_whose_parent_is_missing() -> None:
    spans = [Span("b", "gone", 5, 9), Span("a", "gone", 3, 9), Span("child", "b", 1, 8)]
    assert path(spans) == [("a", 3, 9)]


def test_a_cycle_is_walked_once_from_its_first_span() -> None:
    spans = [Span("a", "c", 0, 10), Span("b", "a", 2, 8), Span("c", "b", 3, 5)]
    expected = [("a", 0, 2), ("b", 2, 3), ("c", 3, 5), ("b", 5, 8), ("a", 8, 10)]
    assert path(spans) == expected
    assert path([Span("self", "self", 0, 10)]) == [("self", 0, 10)]


def test_children_of_an_id_that_occurs_twice_belong_to_the_first() -> None:
    spans = [
        Span("r", None, 0, 100),
        Span("twice", "r", 60, 90),
        Span("twice", "r", 10, 50),
        Span("child", "twice", 20, 30),
    ]
    assert [section[0] for section in path(spans)] == [
        *["r", "twice", "child", "twice", "r", "twice", "r"]
    ]


def test_a_walk_may_begin_at_a_span_that_is_named() -> None:
    spans = [Span("r", None, 0, 30), Span("a", "r", 5, 20), Span("b", "a", 6, 7)]
    assert path(spans, root="a") == [("a", 5, 6), ("b", 6, 7), ("a", 7, 20)]
    assert path(spans, root="no such span") == []


@pytest.mark.parametrize(
    "spans",
    [
        [],
        [Span("r", None, None, 10)],
        [Span("r", None, 10, None)],
        [Span("r", None, 10, 9)],
        [Span("r", None, 10, 10)],
    ],
)
def test_without_time_there_is_no_path(spans: list[Span]) -> None:
    assert path(spans) == []


def test_a_chain_may_be_as_deep_as_it_likes() -> None:
    spans = [Span(str(n), str(n - 1) if n else None, n, 40_000 - n) for n in range(20_000)]
    assert len(path(spans)) == 39_999
