"""Deliveries of notifications: on their way into the lake, and the last one of each integration."""

import json
from collections.abc import Mapping, Sequence

from alerting.state.database import Database
from alerting.state.outbox import Line, Outbox


class Deliveries:
    """Rows of the table `notifications`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._outbox = Outbox(database)

    def add(self, lines: Sequence[Line]) -> None:
        """Raises StorageUnavailable."""
        with self._database.transaction():
            self._outbox.add("notifications", lines)
            for line in lines:
                if line["status"] != "suppressed":
                    values = (line["integration"], json.dumps(line))
                    self._database.write("replace_delivery", values)

    def last(self) -> Mapping[str, Line]:
        """By integration, those that were tried. Raises StorageUnavailable."""
        rows = self._database.rows("select_deliveries")
        return {integration: json.loads(line) for integration, line in rows}
