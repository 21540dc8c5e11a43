"""Questions that ran into their deadline rest, and are asked one at a time."""

import pytest

from goldeneye.clock import ManualClock
from goldeneye.errors import QueryFailed, QueryLate
from goldeneye.heavy_questions import LONGEST_REST_S, HeavyQuestions

TIMEOUT_S = 10.0


class Bench:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.heavy = HeavyQuestions(self.clock)
        self.asked = list[str]()

    def late(self, text: str) -> str:
        """Ask what runs into its deadline; what the rule is told."""
        with pytest.raises(QueryLate) as caught, self.heavy.asking(text):
            self._run_late(text)
        return str(caught.value)

    def _run_late(self, text: str) -> None:
        self.asked.append(text)
        self.clock.advance(TIMEOUT_S)
        raise QueryLate("too late")

    def quick(self, text: str) -> None:
        with self.heavy.asking(text):
            self.asked.append(text)


def test_what_was_late_rests_twice_as_long_each_time() -> None:
    bench = Bench()
    assert bench.late("a") == "too late"
    for rest_s in (10.0, 20.0, 40.0, LONGEST_REST_S, LONGEST_REST_S):
        assert bench.late("a") == f"too late; it is asked again in {rest_s:.0f} s"
        bench.quick("b")
        bench.clock.advance(rest_s)
        bench.late("a")
    assert bench.asked.count("a") == 6


def test_what_is_in_time_again_is_asked_as_before() -> None:
    bench = Bench()
    bench.late("a")
    bench.clock.advance(TIMEOUT_S)
    for _ in range(3):
        bench.quick("a")
    bench.late("a")
    assert bench.asked.count("a") == 5
    assert "again in 10 s" in bench.late("a")


def test_of_those_that_were_late_one_is_asked_at_a_time() -> None:
    bench = Bench()
    bench.late("a")
    bench.late("b")
    bench.clock.advance(LONGEST_REST_S)
    with bench.heavy.asking("a"):
        with pytest.raises(QueryLate, match="after another one that is as heavy"):
            bench.quick("b")
        bench.quick("c")
    bench.quick("b")


def test_between_two_of_them_a_worker_has_time_to_be_replaced() -> None:
    bench = Bench()
    bench.late("a")
    bench.clock.advance(LONGEST_REST_S)
    bench.late("b")
    with pytest.raises(QueryLate, match="after another one that is as heavy"):
        bench.quick("a")
    bench.clock.advance(TIMEOUT_S)
    bench.quick("a")


def test_other_failures_are_not_remembered() -> None:
    bench = Bench()
    for _ in range(2):
        with pytest.raises(QueryFailed), bench.heavy.asking("a"):
            raise QueryFailed("no such column")
