"""How fast a budget burns, and which alerts that sets off."""

from dataclasses import dataclass
from typing import Final, Literal

from alerting.slo.minutes import Minutes, Tally
from alerting.slo.model import BurnAlert, BurnCondition

DIGITS: Final = 9
# Why an alert fires or does not.
Reason = Literal["burning", "no_traffic", "below_threshold", "too_few_bad_events"]


@dataclass(frozen=True)
class ConditionState:
    """`burn_rate` is None where the window saw no traffic."""

    condition: BurnCondition
    burn_rate: float | None
    holds: bool


@dataclass(frozen=True)
class AlertState:
    """`bad_events` are those of the longest window, as they came, whatever the method counts."""

    alert: BurnAlert
    conditions: tuple[ConditionState, ...]
    bad_events: float
    reason: Reason

    @property
    def fires(self) -> bool:
        return self.reason == "burning"


def burn_rate(counted: Minutes, share: float, length: int, now: int) -> float | None:
    """The bad part of the last `length` minutes over the `share` that may be bad.

    The running minute `now` is the last of them. None where there was no traffic.
    """
    tally = counted.tally(now - length + 1, now + 1)
    return _rate(tally, share)


def state(
    alert: BurnAlert,
    counted: Minutes,
    events: Minutes,
    share: float,
    now: int,
    minimum_bad_events: float = 1,
) -> AlertState:
    """Whether the alert fires at the minute `now`, and why or why not.

    `counted` is what the budgeting method counts, `events` is what happened.
    """
    states = tuple(_condition(condition, counted, share, now) for condition in alert.conditions)
    longest = max(condition.minutes for condition in alert.conditions)
    bad = events.tally(now - longest + 1, now + 1).bad
    return AlertState(alert, states, bad, _reason(states, bad, minimum_bad_events))


def _condition(
    condition: BurnCondition, counted: Minutes, share: float, now: int
) -> ConditionState:
    tally = counted.tally(now - condition.minutes + 1, now + 1)
    rate = _rate(tally, share)
    if rate is None:
        return ConditionState(condition, None, False)
    limit = round(condition.threshold, DIGITS)
    return ConditionState(condition, rate, rate > limit or (condition.or_equal and rate == limit))


def _rate(tally: Tally, share: float) -> float | None:
    # Rounded, so that a rate that equals its limit is not above it by the noise of floats.
    return round(tally.bad / tally.total / share, DIGITS) if tally.total > 0 else None


def _reason(states: tuple[ConditionState, ...], bad: float, minimum: float) -> Reason:
    if any(one.burn_rate is None for one in states):
        return "no_traffic"
    if not all(one.holds for one in states):
        return "below_threshold"
    return "burning" if bad >= minimum else "too_few_bad_events"
