"""Jaeger's rules, each case with its times in ms worked out by hand."""

from typing import Any

import pytest

from query.traces.clock_skew import Timed, adjustments, host_of
from query.traces.tree import Link, forest

MS = 1_000_000
SECOND = 1_000 * MS

Span = tuple[str, str | None, int, int, str]  # id, parent, start, duration, host


def found(spans: list[Span], max_ns: int = SECOND) -> list[tuple[int, int]]:
    """Of each span the adjustment in ms, and how many warnings."""
    trees = forest([Link(id_, parent, start) for id_, parent, start, _, _ in spans])
    timed = [Timed((start * MS, (start + d) * MS), host) for _, _, start, d, host in spans]
    moved = adjustments(trees, timed, max_ns)
    return [(one.delta_ns // MS, len(one.warnings)) for one in moved]


PARENT: Span = ("1", None, 10, 100, "a")


@pytest.mark.parametrize(
    ("child", "expected"),
    [
        pytest.param(("2", "1", 0, 50, "a"), (0, 0), id="of the same host, whatever its times"),
        pytest.param(("2", "1", 20, 50, "b"), (0, 0), id="within its parent"),
        pytest.param(("2", "1", 10, 100, "b"), (0, 0), id="as long as its parent"),
        pytest.param(("2", "1", 20, 150, "b"), (0, 0), id="longer, and begins later"),
        # Its room is 100 - 50, half of it before: it is to begin at 10 + 25.
        pytest.param(("2", "1", 0, 50, "b"), (35, 1), id="begins before"),
        pytest.param(("2", "1", 0, 150, "b"), (10, 1), id="longer, and begins before"),
        # Its room is 100 - 70: it is to begin at 10 + 15.
        pytest.param(("2", "1", 50, 70, "b"), (-25, 1), id="ends after"),
        pytest.param(("2", "1", 500, 50, "b"), (-465, 1), id="wholly after"),
        pytest.param(("2", "1", 0, 50, ""), (35, 1), id="no host is no host's equal"),
    ],
)
def test_one_child(child: Span, expected: tuple[int, int]) -> None:
    assert found([PARENT, child]) == [(0, 0), expected]


def test_two_spans_without_a_host_are_of_two() -> None:
    assert found([("1", None, 10, 100, ""), ("2", "1", 0, 50, "")]) == [(0, 0), (35, 1)]


def test_what_a_host_does_moves_together() -> None:
    spans: list[Span] = [PARENT, ("2", "1", 50, 70, "b"), ("3", "2", 60, 20, "b")]
    assert found(spans) == [(0, 0), (-25, 1), (-25, 1)]


def test_a_third_host_is_seen_from_where_the_second_was_moved_to() -> None:
    # 2 is moved to 35..85; 3 has 40 of room there, so it is to begin at 35 + 20.
    spans: list[Span] = [
        PARENT,
        ("2", "1", 0, 50, "b"),
        ("3", "2", 0, 10, "c"),
        ("4", "2", 5, 10, "b"),
        ("5", "2", 10, 10, "b"),
    ]
    assert found(spans) == [(0, 0), (35, 1), (55, 1), (35, 1), (35, 1)]


@pytest.mark.parametrize(("max_ns", "expected"), [(35 * MS, 35), (35 * MS - 1, 0), (0, 0)])
def test_a_move_is_limited_and_told_all_the_same(max_ns: int, expected: int) -> None:
    assert found([PARENT, ("2", "1", 0, 50, "b")], max_ns) == [(0, 0), (expected, 1)]


def test_a_missing_parent_and_a_shared_id_say_nothing_of_clocks() -> None:
    assert found([("1", "9", 0, 100, "a")]) == [(0, 1)]
    assert found([PARENT, ("1", None, 20, 100, "b")]) == [(0, 0), (0, 1)]


def test_spans_without_times_are_left_where_they_are() -> None:
    trees = forest([Link("1", None, None), Link("2", "1", 5)])
    assert adjustments(trees, [Timed(None, "a"), Timed((5, 6), "b")], SECOND)[1].delta_ns == 0


@pytest.mark.parametrize(
    ("attributes", "host"),
    [
        ({"host.id": "i", "host.ip": "p", "host.name": "n"}, "i"),
        ({"host.ip": "p", "host.name": "n"}, "p"),
        ({"host.ip": ["p", "q"], "host.name": "n"}, "p"),
        ({"host.ip": []}, ""),
        ({"host.name": "n"}, "n"),
        ({"service.name": "s"}, ""),
        ({"host.id": 7}, ""),
    ],
)
def test_the_host_of_a_resource(attributes: dict[str, Any], host: str) -> None:
    assert host_of(attributes) == host
