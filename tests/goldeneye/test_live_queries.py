"""What rules ask fails only in ways that rules know, and what is too heavy is asked apart."""

from collections.abc import Callable, Sequence

import pytest

from goldeneye.clock import ManualClock
from goldeneye.errors import QueryFailed, QueryLate
from goldeneye.live_queries import LiveQuerier
from goldeneye.on_demand import OnDemand
from query.prometheus.instant_queries import (
    InstantAnswer,
    InstantQueries,
    InstantQuery,
    InstantSample,
)
from query.promql.errors import PromqlError, QueryTimeout, Reported, TooManySamples

ONE = InstantAnswer([InstantSample({"job": "a"}, 1.0)])


class Service:
    """Of the workers only their deadline is asked for."""

    timeout_s = 10.0

    def close(self) -> None:
        return


class Workers:
    """Answers with what `answering` gives for each question."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.jobs: list[list[str]] = []
        self.answering: Callable[[str], InstantAnswer | PromqlError] = lambda _: ONE
        self.late = False
        self.clock = ManualClock()
        monkeypatch.setattr(InstantQueries, "answers", lambda _, asked: self._answers(asked))
        self.querier = LiveQuerier(OnDemand(Service), self.clock)  # type: ignore[arg-type]

    def _answers(self, asked: Sequence[InstantQuery]) -> list[InstantAnswer | PromqlError]:
        self.jobs.append([one.expr for one in asked])
        if self.late:
            self.clock.advance(Service.timeout_s)
            raise QueryTimeout("query timed out")
        return [self.answering(one.expr) for one in asked]


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Workers:
    return Workers(monkeypatch)


def test_several_are_one_job(workers: Workers) -> None:
    workers.answering = lambda expr: ONE if expr == "a" else TooManySamples("too many")
    found = workers.querier.instants(["a", "b"], 1_000)
    assert workers.jobs == [["a", "b"]]
    (sample,) = workers.querier.instant("a", 1_000)
    assert found["a"] == [sample]
    assert isinstance(found["b"], QueryFailed)


def test_what_was_too_late_for_all_is_to_be_asked_one_by_one(workers: Workers) -> None:
    workers.late = True
    assert workers.querier.instants(["a", "b"], 1_000) == {}
    # And not together again for as long as it took.
    assert workers.querier.instants(["a", "b"], 2_000) == {}
    assert workers.jobs == [["a", "b"]]
    with pytest.raises(QueryLate, match=r"longer than 10 s \(alerting.query_timeout_s\)"):
        workers.querier.instant("a", 2_000)
    workers.late = False
    # The one to blame is left out of the job.
    assert list(workers.querier.instants(["a", "b", "c"], 3_000)) == ["b", "c"]


def test_what_one_of_them_had_no_time_for_is_left_out(workers: Workers) -> None:
    workers.answering = lambda expr: ONE if expr == "a" else Reported("timeout", "timed out")
    assert list(workers.querier.instants(["a", "b"], 1_000)) == ["a"]


@pytest.mark.parametrize(
    ("error", "told"),
    [(TooManySamples("too many"), QueryFailed), (Reported("timeout", "late"), QueryLate)],
    ids=["memory", "deadline"],
)
def test_failures_are_those_that_rules_know(
    workers: Workers, error: PromqlError, told: type[Exception]
) -> None:
    workers.answering = lambda _: error
    with pytest.raises(told):
        workers.querier.instant("a", 1_000)
    workers.clock.advance(Service.timeout_s)
    with pytest.raises(told):
        workers.querier.present("a > 1", 1_000)
