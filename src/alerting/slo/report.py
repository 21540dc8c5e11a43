"""What is said about an objective: now, over its window, and over the weeks and months."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from alerting.slo.budget import (
    Budget,
    SpentOnDay,
    budget,
    minutes_to_exhaustion,
    spent_by_day,
)
from alerting.slo.burn_rate import AlertState, burn_rate, state
from alerting.slo.calendar_window import CalendarWindow, day_edges
from alerting.slo.exclusions import without
from alerting.slo.minutes import Minutes, minute_of
from alerting.slo.model import Objective, RollingWindow, Slo
from alerting.slo.slices import counted

# The rate by which a budget's end is foretold.
OUTLOOK_MINUTES: Final = 60
_START: Final = datetime(2001, 1, 1)


@dataclass(frozen=True)
class PolicyState:
    """`alerts` are what the policy is made of; it fires where one of them does."""

    name: str
    severity: str
    alerts: tuple[AlertState, ...]

    @property
    def fires(self) -> bool:
        return any(alert.fires for alert in self.alerts)

    @property
    def no_data(self) -> bool:
        """Nothing can be said: each alert has a window without traffic."""
        return all(alert.reason == "no_traffic" for alert in self.alerts)


@dataclass(frozen=True)
class Standing:
    """An objective at one instant; `start` and `end` in minutes since the epoch.

    `burn_rates` is by length of window in minutes; None is a window without traffic.
    """

    start: int
    end: int
    budget: Budget
    days: tuple[SpentOnDay, ...]
    burn_rates: dict[int, float | None]
    minutes_to_exhaustion: float | None
    policies: tuple[PolicyState, ...]


@dataclass(frozen=True)
class Compliance:
    """How one period of a report went; `name` is `this_month`, `last_month` or its first day."""

    name: str
    start: int
    end: int
    budget: Budget


def standing(slo: Slo, objective: Objective, minutes: Minutes, now_ns: int) -> Standing:
    """`minutes` are the recorded ones."""
    now = minute_of(now_ns)
    events = _events(slo, minutes, now)
    rows = counted(events, slo.method, objective)
    start, end = window_of(slo, now)
    whole = budget(rows, objective.budget, start, now + 1)
    lengths = {c.minutes for p in slo.policies for a in p.alerts for c in a.conditions}
    rates = {
        length: burn_rate(rows, objective.budget, length, now)
        for length in sorted({*lengths, OUTLOOK_MINUTES})
    }
    return Standing(
        start,
        end,
        whole,
        spent_by_day(whole, rows, day_edges(start, now + 1, zone_of(slo))),
        rates,
        minutes_to_exhaustion(whole.remaining, rates[OUTLOOK_MINUTES], slo.window.minutes),
        _states(slo, objective, rows, events, now),
    )


def _events(slo: Slo, minutes: Minutes, now: int) -> Minutes:
    """What has happened by now, and counts."""
    past = minutes.where((minutes.minute >= 0) & (minutes.minute <= now))
    return without(past, slo.exclusions)


def policy_states(
    slo: Slo, objective: Objective, minutes: Minutes, now_ns: int
) -> tuple[PolicyState, ...]:
    """The alerts alone: rows older than `longest_alert_window` may be left out."""
    now = minute_of(now_ns)
    events = _events(slo, minutes, now)
    return _states(slo, objective, counted(events, slo.method, objective), events, now)


def longest_alert_window(slo: Slo) -> int:
    """How many minutes back the alerts look; 0 where there are none."""
    lengths = [c.minutes for p in slo.policies for a in p.alerts for c in a.conditions]
    return max(lengths, default=0)


def _states(
    slo: Slo, objective: Objective, rows: Minutes, events: Minutes, now: int
) -> tuple[PolicyState, ...]:
    return tuple(
        PolicyState(
            policy.name,
            policy.severity,
            tuple(
                state(alert, rows, events, objective.budget, now, slo.minimum_bad_events)
                for alert in policy.alerts
            ),
        )
        for policy in slo.policies
    )


def window_of(slo: Slo, now: int) -> tuple[int, int]:
    """First minute of the SLO's window at the minute `now`, and the first one after it."""
    if isinstance(slo.window, RollingWindow):
        return now + 1 - slo.window.minutes, now + 1
    return slo.window.period(now)


def zone_of(slo: Slo) -> str:
    """The zone whose days and weeks count."""
    return slo.window.zone if isinstance(slo.window, CalendarWindow) else "UTC"


def report(
    slo: Slo,
    objective: Objective,
    minutes: Minutes,
    now_ns: int,
    weeks: int = 5,
) -> tuple[Compliance, ...]:
    """This month, last month, and the last `weeks` weeks from Monday, the running one first."""
    now = minute_of(now_ns)
    rows = counted(_events(slo, minutes, now), slo.method, objective)
    where = zone_of(slo)
    month, week = CalendarWindow(1, "M", _START, where), CalendarWindow(1, "w", _START, where)
    periods = [("this_month", month.period(now)), ("last_month", month.period(now, 1))]
    for back in range(weeks):
        start, end = week.period(now, back)
        periods.append((_first_day(start, where), (start, end)))
    return tuple(
        Compliance(name, start, end, budget(rows, objective.budget, start, min(end, now + 1)))
        for name, (start, end) in periods
    )


def history(
    slo: Slo,
    objective: Objective,
    minutes: Minutes,
    now_ns: int,
    periods: int = 12,
) -> tuple[Compliance, ...]:
    """The SLO's own windows, the running one first; one that rolls is laid end to end."""
    now = minute_of(now_ns)
    rows = counted(_events(slo, minutes, now), slo.method, objective)
    found = []
    for back in range(periods):
        start, end = _window_before(slo, now, back)
        whole = budget(rows, objective.budget, start, min(end, now + 1))
        found.append(Compliance(_first_day(start, zone_of(slo)), start, end, whole))
    return tuple(found)


def _window_before(slo: Slo, now: int, back: int) -> tuple[int, int]:
    if isinstance(slo.window, CalendarWindow):
        return slo.window.period(now, back)
    end = now + 1 - back * slo.window.minutes
    return end - slo.window.minutes, end


def _first_day(minute: int, zone: str) -> str:
    return datetime.fromtimestamp(minute * 60, ZoneInfo(zone)).date().isoformat()
