"""Rows on their way into the lake: kept with what they tell of, gone once they are there."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from alerting.state.database import Database

LakeTable = Literal["alert_events", "notifications"]
Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Waiting:
    """`number` grows with the time of writing; `line` is the table's row, times in ns."""

    number: int
    table: LakeTable
    line: Line


class Outbox:
    """Rows wait in the order in which they were written."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, table: LakeTable, lines: Iterable[Line]) -> None:
        """Raises StorageUnavailable."""
        with self._database.transaction():
            for line in lines:
                self._database.write("insert_outbox", (table, json.dumps(line)))

    def first(self, count: int) -> list[Waiting]:
        """Raises StorageUnavailable."""
        rows = self._database.rows("select_outbox", (count,))
        return [Waiting(number, table, json.loads(line)) for number, table, line in rows]

    def count(self) -> int:
        """How many wait: numbers have no gaps, and only the first go. Raises StorageUnavailable."""
        ((count,),) = self._database.rows("count_outbox")
        return int(count)

    def drop_oldest(self, count: int) -> None:
        """They never come into the lake. Raises StorageUnavailable."""
        self._database.write("delete_oldest_outbox", (count,))

    def forget_through(self, number: int) -> None:
        """They are in the lake. Raises StorageUnavailable."""
        self._database.write("delete_outbox", (number,))
