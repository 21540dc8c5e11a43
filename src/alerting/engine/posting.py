"""Brings rows from the outbox into the lake, each once, also after a kill in between."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import structlog

from alerting.state.outbox import LakeTable, Line, Outbox, Waiting
from goldeneye.errors import GoldeneyeError
from goldeneye.limits import MAX_OUTBOX_ROWS
from goldeneye.occasionally import Occasionally
from goldeneye.telemetry import OUTBOX_DROPPED, OUTBOX_ROWS

log = structlog.get_logger(__name__)
_BATCH: Final = 1_000


class Lake(Protocol):
    """Who keeps the tables. Both raise GoldeneyeError."""

    def write(self, rows: Mapping[LakeTable, Sequence[Line]]) -> None:
        """Durable when it returns; all or nothing."""
        ...

    def lines_since(self, table: LakeTable, since_ns: int) -> Sequence[Line]:
        """The rows whose time is not before `since_ns`, of the columns of `IDENTITY`."""
        ...


# What tells two rows of a table apart.
IDENTITY: Final[Mapping[LakeTable, tuple[str, ...]]] = {
    "alert_events": ("time", "rule", "rule_group", "alert_id", "before", "after", "reason"),
    "notifications": ("time", "integration", "group_key", "status"),
}


class Posting:
    """For one thread at a time."""

    def __init__(self, outbox: Outbox, lake: Lake, most: int = MAX_OUTBOX_ROWS) -> None:
        """`most` rows wait while the lake refuses them."""
        self._most = most
        self._outbox = outbox
        self._lake = lake
        # Rows of before a restart may be in the lake already.
        self._doubtful = True
        self._said = Occasionally()

    def run(self) -> bool:
        """Whether all is in the lake; what is not is tried again at the next call."""
        done = self._post_all()
        try:
            self._bound()
        except GoldeneyeError as error:
            if self._said.due("counts"):
                log.warning("alert events that wait cannot be counted", reason=str(error))
        return done

    def _bound(self) -> None:
        """Where too many wait, what happened last is worth more than what happened first."""
        count = self._outbox.count()
        if count > self._most:
            self._outbox.drop_oldest(count - self._most)
            OUTBOX_DROPPED.inc(count - self._most)
            if self._said.due("dropped"):
                log.error("alert events are lost: the storage refused them for too long")
        OUTBOX_ROWS.set(min(count, self._most))

    def _post_all(self) -> bool:
        try:
            while waiting := self._outbox.first(_BATCH):
                self._post(waiting)
        except GoldeneyeError as error:
            if self._said.due("waits"):
                log.warning("alert events wait for the storage", reason=str(error))
            return False
        except Exception:
            if self._said.due("fails"):
                log.exception("alert events cannot be stored, in a way that is not expected")
            return False
        self._doubtful = False
        return True

    def _post(self, waiting: Sequence[Waiting]) -> None:
        rows: dict[LakeTable, list[Line]] = {}
        for one in waiting:
            rows.setdefault(one.table, []).append(one.line)
        if self._doubtful:
            rows = {table: self._missing(table, lines) for table, lines in rows.items()}
        try:
            self._lake.write(rows)
        except GoldeneyeError:
            raise
        except Exception:
            # A row that is no row must not keep all others waiting for good.
            self._write_each(rows)
        self._outbox.forget_through(waiting[-1].number)

    def _write_each(self, rows: Mapping[LakeTable, Sequence[Line]]) -> None:
        for table, lines in rows.items():
            for line in lines:
                try:
                    self._lake.write({table: [line]})
                except GoldeneyeError:
                    raise
                except Exception:
                    log.exception("a row cannot be stored and is left out", table=table)

    def _missing(self, table: LakeTable, lines: Sequence[Line]) -> list[Line]:
        known = {_identity(table, one) for one in
                 self._lake.lines_since(table, min(one["time"] for one in lines))}  # fmt: skip
        return [one for one in lines if _identity(table, one) not in known]


def _identity(table: LakeTable, line: Line) -> tuple[object, ...]:
    return tuple(line[column] for column in IDENTITY[table])
