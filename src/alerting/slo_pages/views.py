"""What is shown of an SLO: what it says, and how it stands."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from alerting.durations import MINUTE_NS
from alerting.engine.planned import API
from alerting.plain import rfc3339
from alerting.slo.budget import Budget
from alerting.slo.calendar_window import CalendarWindow
from alerting.slo.lengths import length_text
from alerting.slo.minutes import Minutes
from alerting.slo.model import Objective, Slo
from alerting.slo.report import Compliance, PolicyState, Standing, standing


def said(slo: Slo) -> dict[str, Any]:
    """What its document says, but for the indicator."""
    return {
        "name": slo.name,
        "display_name": slo.display_name or None,
        "description": slo.description or None,
        "service_name": slo.service,
        "budgeting_method": slo.method,
        "window": _window(slo),
        "labels": dict(slo.labels),
        "file": slo.place.file,
        "line": slo.place.line,
        "read_only": not slo.place.file.startswith(f"{API}:"),
    }


def stands(slo: Slo, minutes: Sequence[Minutes], now_ns: int, days: bool) -> dict[str, Any]:
    """How it stands now, `minutes` being those of each of its objectives.

    Beside `objectives` the figures of the one with the least left stand for all of them.
    """
    found = [
        _objective(slo, one, standing(slo, one, counted, now_ns), days)
        for one, counted in zip(slo.objectives, minutes, strict=True)
    ]
    worst = min(found, key=_remaining)
    general = ("target", "indicator", "good", "total", "error_budget_remaining", "burn_rates",
               "time_to_exhaustion_s", "state", "start", "end")  # fmt: skip
    return {**{name: worst[name] for name in general}, "objectives": found}


def compliance(one: Compliance) -> dict[str, Any]:
    """A period of a report."""
    return {
        "period": one.name,
        "start": rfc3339(one.start * MINUTE_NS),
        "end": rfc3339(one.end * MINUTE_NS),
        **_budget(one.budget),
        "met": one.budget.kept,
    }


def _window(slo: Slo) -> dict[str, Any]:
    if isinstance(slo.window, CalendarWindow):
        window = slo.window
        length = f"{window.count}{window.unit}"
        return {"kind": "calendar", "length": length, "time_zone": window.zone}
    return {"kind": "rolling", "length": length_text(slo.window.minutes)}


def _remaining(shown: dict[str, Any]) -> float:
    left = shown["error_budget_remaining"]
    return 1.0 if left is None else float(left)


def _objective(slo: Slo, objective: Objective, at: Standing, days: bool) -> dict[str, Any]:
    minutes = at.minutes_to_exhaustion
    return {
        "objective": objective.name,
        "target": float(objective.target),
        **({} if objective.op is None else {"op": objective.op, "value": objective.value}),
        "start": rfc3339(at.start * MINUTE_NS),
        "end": rfc3339(at.end * MINUTE_NS),
        **_budget(at.budget),
        "burn_rates": {length_text(length): rate for length, rate in at.burn_rates.items()},
        "time_to_exhaustion_s": (
            None if minutes is None else timedelta(minutes=minutes).total_seconds()
        ),
        "state": _state(at),
        "alerts": [_policy(one) for one in at.policies],
        **({"days": _days(at)} if days else {}),
    }


def _budget(budget: Budget) -> dict[str, Any]:
    """`error_budget_spent` and `error_budget_remaining` are fractions, None without traffic."""
    return {
        "good": budget.tally.good,
        "total": budget.tally.total,
        "indicator": budget.tally.indicator,
        "error_budget_events": budget.allowed,
        "error_budget_spent": budget.spent,
        "error_budget_remaining": budget.remaining,
    }


def _state(at: Standing) -> str:
    if any(policy.fires for policy in at.policies):
        return "burning"
    if at.budget.remaining is None:
        return "no_data"
    return "exhausted" if at.budget.remaining < 0 else "ok"


def _policy(policy: PolicyState) -> dict[str, Any]:
    return {
        "name": policy.name,
        "severity": policy.severity,
        "firing": policy.fires,
        "windows": [
            {
                "conditions": [
                    {
                        "window": length_text(one.condition.minutes),
                        "burn_rate": one.burn_rate,
                        "limit": one.condition.threshold,
                        "holds": one.holds,
                    }
                    for one in alert.conditions
                ],
                "bad_events": alert.bad_events,
                "reason": alert.reason,
            }
            for alert in policy.alerts
        ],
    }


def _days(at: Standing) -> list[dict[str, Any]]:
    return [
        {
            "start": rfc3339(day.start * MINUTE_NS),
            "good": day.tally.good,
            "total": day.tally.total,
            "error_budget_spent": day.spent,
        }
        for day in at.days
    ]
