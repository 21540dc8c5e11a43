"""What each receiver was last told of each group, known after a restart."""

import json
from collections.abc import Mapping
from typing import Any

from alerting.routing.notification_log import Entry, MemoryLog
from alerting.state.database import Database


class DurableLog:
    """See alerting.routing.notification_log.NotificationLog; read from memory."""

    def __init__(self, database: Database) -> None:
        """Raises StorageUnavailable."""
        self._database = database
        rows = database.rows("select_entries")
        self._memory = MemoryLog(_entry(json.loads(text)) for (text,) in rows)

    def last(self, group_key: str, integration: str, now_ns: int) -> Entry | None:
        return self._memory.last(group_key, integration, now_ns)

    def record(self, entry: Entry) -> None:
        """Raises StorageUnavailable."""
        values = (entry.group_key, entry.integration, json.dumps(_plain(entry)))
        self._database.write("replace_entry", (*values, entry.expires_at_ns))
        self._memory.record(entry)

    def forget_expired(self, now_ns: int) -> None:
        """Raises StorageUnavailable."""
        self._database.write("delete_entries", (now_ns,))
        self._memory.forget_expired(now_ns)


def _plain(entry: Entry) -> dict[str, Any]:
    return {
        "group_key": entry.group_key,
        "integration": entry.integration,
        "at_ns": entry.at_ns,
        "firing": sorted(entry.firing),
        "resolved": sorted(entry.resolved),
        "expires_at_ns": entry.expires_at_ns,
    }


def _entry(saved: Mapping[str, Any]) -> Entry:
    firing, resolved = frozenset(saved["firing"]), frozenset(saved["resolved"])
    return Entry(**{**saved, "firing": firing, "resolved": resolved})
