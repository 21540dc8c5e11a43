"""Alerts that others reported, known after a restart: they may not be reported again."""

import json
from collections.abc import Iterable
from dataclasses import asdict

from alerting.alert import Alert
from alerting.state.database import Database


class PostedAlerts:
    """One row an alert."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Alert]:
        """Raises StorageUnavailable."""
        return [Alert(**json.loads(text)) for (text,) in self._database.rows("select_posted")]

    def keep(self, alerts: Iterable[Alert]) -> None:
        """In place of what was known of each. Raises StorageUnavailable."""
        with self._database.transaction():
            for alert in alerts:
                values = (alert.fingerprint, json.dumps(asdict(alert)))
                self._database.write("replace_posted", values)

    def forget(self, fingerprints: Iterable[str]) -> None:
        """Raises StorageUnavailable."""
        with self._database.transaction():
            for fingerprint in fingerprints:
                self._database.write("delete_posted", (fingerprint,))
