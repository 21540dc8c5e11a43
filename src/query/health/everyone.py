"""How all services are, by the rules that one is judged by."""

from typing import Any, Final, NamedTuple

from query.asking.plain import rfc3339
from query.asking.reader import Reader
from query.asking.window import Window
from query.health.activity import Memory, active
from query.health.rules import WORST_FIRST, Figures, Reason, State, past_of, reasons, state_of
from query.health.silence import expected
from query.health.stretches import DAY_NS, last_minutes, pasts
from query.percentiles.asked import MINUTE_NS, Asked, Group
from query.percentiles.measuring import measure
from query.services.services_file import Entries

# What sent nothing for longer than this is not missed any more.
_LISTED_NS: Final = 7 * DAY_NS


class Verdict(NamedTuple):
    """Of one service; `last` is the last minute in which it sent a span."""

    service: str
    state: State
    reasons: list[Reason]
    now: Figures
    last: int

    def entry(self) -> dict[str, Any]:
        return {
            "service_name": self.service,
            "state": self.state,
            "reasons": [one.entry() for one in self.reasons],
            **self.now.entry(),
            "last_seen": rfc3339(self.last * MINUTE_NS),
        }


def verdicts(reader: Reader, entries: Entries, remembered: Memory) -> list[Verdict]:
    """The worst first, then those with most requests."""
    now_ns = reader.now_ns
    window = last_minutes(now_ns)
    listed = Window(max(now_ns - _LISTED_NS, 0), window.end_ns)
    figures = [_figures(reader, one) for one in (window, *pasts(window))]
    found = []
    for service, minutes in active(reader, remembered, listed).items():
        now, *past = (own.get(service, Figures()) for own in figures)
        last = int(minutes[-1])
        silent = expected(entries.get(service), minutes, now_ns).broken(last, now_ns)
        broken = reasons(now, past_of(*past)) if silent is None else [silent]
        found.append(Verdict(service, state_of(broken), broken, now, last))
    return sorted(found, key=_place)


def _place(one: Verdict) -> tuple[int, int, str]:
    return WORST_FIRST.index(one.state), -one.now.request_count, one.service


def _figures(reader: Reader, window: Window) -> dict[str, Figures]:
    keys = ("service_name", "is_entry")
    measured = measure(reader, Asked(window, (0.95,), keys, method="bucketed"))
    return {
        service: _of_group(group) for (service, entry), group in measured.groups.items() if entry
    }


def _of_group(group: Group) -> Figures:
    ratio = group.adjusted_error_count / group.adjusted_count if group.adjusted_count else None
    return Figures(group.span_count, group.error_count, ratio, group.quantiles[0])
