"""Recording rules: answers as series of another name."""

from collections.abc import Sequence
from dataclasses import dataclass

from alerting.rules.definitions import RecordingRule
from alerting.rules.failures import LimitExceeded, RuleFailed
from alerting.rules.instance import Key
from alerting.rules.querying import METRIC_NAME, Vector, identity


@dataclass(frozen=True, slots=True)
class Recorded:
    """A sample that a rule wrote; `value` is None where the series ends (a stale marker)."""

    labels: Key
    at_ms: int
    value: float | None
    histogram: object | None = None


def record(rule: RecordingRule, samples: Vector, at_ms: int, limit: int) -> Sequence[Recorded]:
    """The series that the rule writes. Raises RuleFailed."""
    written = dict[Key, Recorded]()
    for sample in samples:
        key = identity({**sample.labels, METRIC_NAME: rule.name, **rule.labels})
        if key in written:
            raise RuleFailed(
                "vector contains metrics with the same labelset after applying rule labels"
            )
        written[key] = Recorded(key, at_ms, sample.value, sample.histogram)
    if 0 < limit < len(written):
        raise LimitExceeded(f"exceeded limit of {limit} with {len(written)} series")
    return list(written.values())


def ended(before: frozenset[Key], now: frozenset[Key], at_ms: int) -> Sequence[Recorded]:
    """Stale markers of series that are no longer written."""
    return [Recorded(key, at_ms, None) for key in sorted(before - now)]
