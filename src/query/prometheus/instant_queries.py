"""Instant queries for whoever evaluates rules: several in one job of a worker."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from goldeneye.errors import QueryFailed
from goldeneye.schemas import DEFAULT_TENANT
from query.pool import Cancellation
from query.prometheus.asking import Question, ask
from query.prometheus.histogram_json import understood
from query.promql.errors import PromqlError, Reported
from query.promql.native.histogram import Histogram
from query.service import QueryService


@dataclass(frozen=True, slots=True)
class InstantQuery:
    """An expression at a time. With `present`, all series that its condition is decided for,
    whether it holds or not (query.promql.conditions)."""

    expr: str
    at_ms: int
    present: bool = False


@dataclass(frozen=True, slots=True)
class InstantSample:
    """`value` is 0 where there is a native histogram."""

    labels: Mapping[str, str]
    value: float
    histogram: Histogram | None = None


@dataclass(frozen=True, slots=True)
class InstantAnswer:
    """A scalar is one sample without labels. `samples` is None where it was asked for what is
    present, and the condition is about absence."""

    samples: Sequence[InstantSample] | None
    warnings: Sequence[str] = ()
    infos: Sequence[str] = ()


class InstantQueries:
    """Asks on behalf of rules; thread-safe."""

    def __init__(self, service: QueryService, tenant: str = DEFAULT_TENANT) -> None:
        self._service = service
        self._tenant = tenant

    def instant(
        self, expr: str, at_ms: int, cancellation: Cancellation | None = None
    ) -> InstantAnswer:
        """One expression. Raises QueryFailed where it cannot be answered; and as `answers`."""
        (answer,) = self.answers([InstantQuery(expr, at_ms)], cancellation)
        if isinstance(answer, PromqlError):
            raise QueryFailed(str(answer)) from answer
        return answer

    def answers(
        self, queries: Sequence[InstantQuery], cancellation: Cancellation | None = None
    ) -> list[InstantAnswer | PromqlError]:
        """In their order, over one snapshot, and within query.timeout_s together; what cannot be
        answered has its error.

        Raises PromqlError where all of them take too long or too much memory, and GoldeneyeError
        as QueryService.run does.
        """
        asked = [(one.expr, one.at_ms, one.present) for one in queries]
        question = Question("instants", {"asked": asked}, self._tenant)
        body, _ = ask(self._service, question, cancellation or Cancellation())
        return [_answer(told) for told in json.loads(body)]


def _answer(told: Mapping[str, Any]) -> InstantAnswer | PromqlError:
    if "error" in told:
        return Reported(*told["error"])
    if "undecided" in told:
        return InstantAnswer(None)
    samples = [
        InstantSample(dict(labels), value, None)
        if histogram is None
        else InstantSample(dict(labels), 0.0, understood(histogram))
        for labels, value, histogram in told["samples"]
    ]
    return InstantAnswer(samples, told["warnings"], told["infos"])
