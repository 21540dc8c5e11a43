"""What the tables of the lake tell of alerts, asked by those who have no tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from alerting.alerts.selection import Selection
from alerting.asked import Span

Row = Mapping[str, Any]


class Found(NamedTuple):
    """Rows with their times as nanoseconds, and the files that they lack."""

    rows: Sequence[Row]
    missing_files: Sequence[str] = ()

    @property
    def lacking(self) -> Row:
        """As answers say it; nothing where no file is missing."""
        return {"missing_files": sorted(self.missing_files)} if self.missing_files else {}


@dataclass(frozen=True, slots=True)
class Rest:
    """At most so many rows, newest first, after the one at the position, if there is one."""

    count: int
    after: Sequence[Any] | None = None


# What sorts the rows of a list beside their time; all newest first.
EVENT_PLACE = ("time", "alert_id", "rule", "rule_group", "after", "reason")
NOTIFICATION_PLACE = ("time", "integration", "group_key", "status")


@dataclass(frozen=True, slots=True)
class Told:
    """Which notifications are asked for; None is any."""

    receiver: str | None = None
    integration: str | None = None
    status: str | None = None
    alert_id: str | None = None


class History(Protocol):
    """All raise GoldeneyeError."""

    def events(self, which: Selection, alert_id: str | None, span: Span, rest: Rest) -> Found:
        """Rows of `alert_events`; the selection's states are those that alerts changed to."""
        ...

    def statistics(self, which: Selection, span: Span) -> Found:
        """One row for each rule whose alerts fired."""
        ...

    def notifications(self, which: Told, span: Span, rest: Rest) -> Found:
        """Rows of `notifications`."""
        ...


def place(row: Row, columns: Sequence[str]) -> list[Any]:
    """Where a row stands in its list."""
    return [row[column] if row[column] is not None else "" for column in columns]
