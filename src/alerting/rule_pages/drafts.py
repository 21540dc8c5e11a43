"""A draft of rules over past data: when it would have fired."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from alerting.engine.event_lines import written
from alerting.labels import fingerprint
from alerting.plain import number, rfc3339
from alerting.rules.definitions import Group
from alerting.rules.events import Event
from alerting.rules.group import Health, Surroundings
from alerting.rules.recording import Recorded
from alerting.rules.rehearsing import Moment, rehearse
from goldeneye.clock import Clock
from goldeneye.errors import InvalidRequest, QueryLate

MAX_MOMENTS: Final = 1_500
_DEADLINE_S: Final = 60.0


def tried(
    group: Group,
    surroundings: Surroundings,
    window_ns: tuple[int, int],
    step_ns: int,
    clock: Clock,
) -> dict[str, Any]:
    """All transitions, what fired, and the evaluations that failed.

    Nothing is written: rules that read what others of the draft record see only what is stored.
    Raises InvalidRequest and QueryLate.
    """
    start_ns, end_ns = window_ns
    count = (end_ns - start_ns) // step_ns + 1
    if count > MAX_MOMENTS:
        raise InvalidRequest(
            f"the draft would be evaluated {count} times, at most {MAX_MOMENTS} are allowed: "
            "ask for less time or a longer step"
        )
    until_s = clock.monotonic_s() + _DEADLINE_S
    events, errors, moments = list[Event](), list[dict[str, Any]](), 0
    for moment in rehearse(group, replace(surroundings, write=_forget), start_ns, end_ns, step_ns):
        if clock.monotonic_s() > until_s:
            raise QueryLate(f"the draft took longer than {_DEADLINE_S:.0f} s")
        moments += 1
        events += moment.events
        errors += _errors(group, moment)
    return {
        "start": rfc3339(start_ns),
        "end": rfc3339(end_ns),
        "step_s": step_ns / 1e9,
        "evaluations": moments,
        "fired": _fired(events, end_ns),
        "events": [_event(one) for one in events],
        "errors": errors,
    }


def _forget(_: Sequence[Recorded]) -> None:
    """What a draft records is nobody's."""


def _errors(group: Group, moment: Moment) -> list[dict[str, Any]]:
    return [
        {"time": rfc3339(moment.at_ns), "rule": rule.name, "error": state.error}
        for rule, state in zip(group.rules, moment.states, strict=True)
        if state.health is Health.ERROR
    ]


def _event(event: Event) -> dict[str, Any]:
    return {
        "time": rfc3339(event.at_ns),
        "rule": event.rule,
        "labels": dict(event.labels),
        "before": event.before,
        "after": event.after,
        "reason": str(event.reason),
        "value": number(event.value),
    }


def _fired(events: Sequence[Event], end_ns: int) -> list[dict[str, Any]]:
    """Each stretch of firing; one that lasts has no end."""
    open_ones, found = dict[str, dict[str, Any]](), list[dict[str, Any]]()
    for event in events:
        key = written(event.labels)
        if event.after == "firing" and key not in open_ones:
            open_ones[key] = {
                "rule": event.rule,
                "alert_id": fingerprint(event.labels),
                "labels": dict(event.labels),
                "start": rfc3339(event.at_ns),
                "end": None,
                "duration_s": (end_ns - event.at_ns) / 1e9,
                "began_ns": event.at_ns,
            }
            found.append(open_ones[key])
        elif event.after in ("resolved", "inactive") and key in open_ones:
            one = open_ones.pop(key)
            one["end"] = rfc3339(event.at_ns)
            one["duration_s"] = (event.at_ns - one["began_ns"]) / 1e9
    return [{k: v for k, v in one.items() if k != "began_ns"} for one in found]
