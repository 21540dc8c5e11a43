"""What happened to alerts: on its way into the lake, and counted, since alerts may flap."""

from collections.abc import Mapping, Sequence
from typing import Final

from alerting.durations import HOUR_NS
from alerting.state.database import Database
from alerting.state.outbox import Line, Outbox

# So often within an hour an alert begins or ceases to fire before it is said to flap.
FLAPPING_TRANSITIONS: Final = 4
FLAPPING_WINDOW_NS: Final = HOUR_NS
_FIRING: Final = "firing"
# An alert of which nothing is known has neither begun nor ceased.
_GAPS: Final = frozenset({"no_data", "error"})


class AlertEvents:
    """Rows of the table `alert_events`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._outbox = Outbox(database)

    def add(self, lines: Sequence[Line]) -> None:
        """Raises StorageUnavailable."""
        with self._database.transaction():
            self._outbox.add("alert_events", lines)
            for line in filter(_is_transition, lines):
                values = (line["alert_id"], line["time"])
                self._database.write("insert_transition", values)

    def transitions(self, now_ns: int) -> Mapping[str, int]:
        """How often alerts began or ceased to fire within the hour. Raises StorageUnavailable."""
        since_ns = now_ns - FLAPPING_WINDOW_NS
        return dict(self._database.rows("count_transitions", (since_ns,)))

    def forget(self, now_ns: int) -> None:
        """What no longer counts. Raises StorageUnavailable."""
        self._database.write("delete_transitions", (now_ns - FLAPPING_WINDOW_NS,))


def _is_transition(line: Line) -> bool:
    before, after = line["before"], line["after"]
    return (before == _FIRING) != (after == _FIRING) and not {before, after} & _GAPS
