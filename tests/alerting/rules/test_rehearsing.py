"""Drafts over past data."""

from collections.abc import Sequence

from support.rules import MINUTE_NS, Data, alert, samples

from alerting.rules.definitions import Group
from alerting.rules.group import Surroundings
from alerting.rules.recording import Recorded
from alerting.rules.rehearsing import rehearse


class _Past(Data):
    """Holds from the second to the fourth minute."""

    def instant(self, expr: str, at_ms: int):  # type: ignore[no-untyped-def]
        return samples(({"job": "a"}, 2.0)) if 120_000 <= at_ms < 300_000 else []


def _nowhere(recorded: Sequence[Recorded]) -> None:
    pass


def test_when_it_would_have_fired() -> None:
    group = Group("draft", (alert(hold_ns=MINUTE_NS),))
    moments = rehearse(group, Surroundings(_Past(), _nowhere), 0, 6 * MINUTE_NS, MINUTE_NS)
    told = [(m.at_ns // MINUTE_NS, e.before, e.after) for m in moments for e in m.events]
    assert told == [
        (2, "inactive", "pending"),
        (3, "pending", "firing"),
        (5, "firing", "resolved"),
    ]
