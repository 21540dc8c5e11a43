"""Alerts of others whose beginning was told as an event, and whose end was not yet."""

import json
from collections.abc import Mapping, Sequence

from alerting.state.alert_events import AlertEvents
from alerting.state.database import Database
from alerting.state.outbox import Line


class ReportedAlerts:
    """The line of the beginning of each, by fingerprint."""

    def __init__(self, database: Database) -> None:
        """Raises StorageUnavailable."""
        self._database = database
        self._events = AlertEvents(database)
        rows = database.rows("select_reported")
        self._begun: Mapping[str, Line] = {name: json.loads(line) for name, line in rows}

    @property
    def begun(self) -> Mapping[str, Line]:
        """Never changed, only replaced."""
        return self._begun

    def tell(self, begun: Sequence[Line], ended: Sequence[Line]) -> None:
        """Raises StorageUnavailable, and nothing is told."""
        with self._database.transaction():
            self._events.add([*begun, *ended])
            for line in begun:
                values = (line["alert_id"], json.dumps(line))
                self._database.write("replace_reported", values)
            for line in ended:
                self._database.write("delete_reported", (line["alert_id"],))
        over = {line["alert_id"] for line in ended}
        left = {name: line for name, line in self._begun.items() if name not in over}
        self._begun = {**left, **{line["alert_id"]: line for line in begun}}
