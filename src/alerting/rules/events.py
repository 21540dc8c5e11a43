"""Transitions of alerts, each with its reason; never changed."""

from dataclasses import dataclass
from enum import StrEnum

from alerting.labels import Labels
from alerting.rules.instance import Instance, State


class Reason(StrEnum):
    """Why an alert changed."""

    CONDITION_MET = "condition_met"
    HELD = "held_long_enough"
    CONDITION_ENDED = "condition_ended"
    KEPT_LONG_ENOUGH = "kept_firing_long_enough"
    HOLD_EXTENDED = "for_was_extended"
    DATA_MISSING = "data_missing"
    QUERY_FAILED = "query_failed"
    DATA_BACK = "data_is_back"
    LIMIT_EXCEEDED = "limit_exceeded"
    RULE_REMOVED = "rule_removed"
    OUTAGE_TOO_LONG = "outage_too_long"


@dataclass(frozen=True, slots=True)
class Event:
    """`before` and `after` are states as they are shown; `detail` is an error's text."""

    at_ns: int
    rule: str
    labels: Labels
    before: str
    after: str
    reason: Reason
    value: float
    detail: str = ""


def event(
    before: Instance | None,
    after: Instance | None,
    reason: Reason,
    at_ns: int,
    rule: str,
    detail: str = "",
) -> Event:
    """What happened to one alert; None is one that is not there."""
    known = after or before
    assert known is not None
    return Event(
        at_ns=at_ns,
        rule=rule,
        labels=known.labels,
        before=before.shown if before else State.INACTIVE.value,
        after=after.shown if after else State.INACTIVE.value,
        reason=reason,
        value=known.value,
        detail=detail,
    )
