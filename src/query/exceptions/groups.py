"""Groups of exceptions: what is equal but for what differs from one occurrence to the next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import pyarrow as pa

from goldeneye.sql_files import sql
from query.asking.filter_sql import Condition
from query.asking.plain import rfc3339
from query.asking.reader import Reader
from query.asking.statements import filled
from query.asking.window import Window
from query.exceptions.stack import fingerprint
from query.exceptions.states import Decided

# Shapes looked at in one question, those seen last; and traces named of each group.
MAX_SHAPES: Final = 20_000
SAMPLES: Final = 5
State = Literal["open", "resolved", "ignored", "regressed"]


@dataclass
class Group:
    """All occurrences of one fingerprint in the window; `shapes` are its stack traces or messages
    without numbers, `versions` maps each release to when it was seen last."""

    fingerprint: str
    exception_type: str | None
    shapes: set[str] = field(default_factory=set)
    services: set[str] = field(default_factory=set)
    versions: dict[str | None, int] = field(default_factory=dict)
    environments: set[str] = field(default_factory=set)
    span_names: set[str] = field(default_factory=set)
    first_ns: int = 2**63 - 1
    last_ns: int = -1
    count: int = 0
    adjusted_count: float = 0.0
    message: str | None = None
    stacktrace: str | None = None
    trace_ids: list[tuple[int, str]] = field(default_factory=list)

    def add(self, row: Mapping[str, Any]) -> None:
        """A row of shapes.sql, with times in nanoseconds."""
        self.shapes.add(row["shape"])
        self.services.update([row["service_name"]] if row["service_name"] else [])
        self.environments.update(row["environments"] or ())
        self.span_names.update(row["span_names"] or ())
        version, last_ns = row["version"], row["last_seen"]
        self.versions[version] = max(self.versions.get(version, -1), last_ns)
        self.first_ns = min(self.first_ns, row["first_seen"])
        self.count += row["count"]
        self.adjusted_count += row["adjusted_count"]
        self.trace_ids += [(last_ns, trace_id) for trace_id in row["trace_ids"] or () if trace_id]
        if last_ns > self.last_ns:
            self.last_ns = last_ns
            self.message, self.stacktrace = row["exception_message"], row["exception_stacktrace"]

    def state(self, decided: Decided | None) -> State:
        """Regressed: seen after it was resolved, in a release that did not have it by then, or
        where releases are not told at all."""
        if decided is None:
            return "open"
        if decided.decision == "ignored":
            return "ignored"
        later = {one for one, last_ns in self.versions.items() if last_ns > decided.decided_ns}
        new = later - decided.versions if decided.versions else later
        return "regressed" if new else "resolved"

    def as_json(self, decided: Decided | None) -> dict[str, Any]:
        newest = sorted(self.trace_ids, reverse=True)
        return {
            "fingerprint": self.fingerprint,
            "exception_type": self.exception_type,
            "exception_message": self.message,
            "state": self.state(decided),
            **({"decided_at": rfc3339(decided.decided_ns)} if decided else {}),
            "first_seen": rfc3339(self.first_ns),
            "last_seen": rfc3339(self.last_ns),
            "count": self.count,
            "adjusted_count": self.adjusted_count,
            "services": sorted(self.services),
            "versions": sorted(one for one in self.versions if one is not None),
            "environments": sorted(self.environments),
            "span_names": sorted(self.span_names)[:20],
            "trace_ids": list(dict.fromkeys(trace_id for _, trace_id in newest))[:SAMPLES],
        }


def groups(reader: Reader, matching: Condition, within: Window) -> tuple[dict[str, Group], bool]:
    """By fingerprint; and whether there were more shapes than are looked at."""
    params = {**matching.params, "samples": SAMPLES, "most": MAX_SHAPES + 1}
    statement = filled(sql("query.exceptions", "shapes"), {"occurrences": occurrences(matching)})
    rows = _rows(reader.table(statement, params, within.start_ns, within.end_ns))
    found: dict[str, Group] = {}
    for row in rows[:MAX_SHAPES]:
        key = fingerprint(row["exception_type"], row["shape"], row["has_stack"])
        found.setdefault(key, Group(key, row["exception_type"])).add(row)
    return found, len(rows) > MAX_SHAPES


def occurrences(matching: Condition) -> str:
    """The statement of all exceptions of spans and log records that match."""
    parts = {
        "spans": matching.sql,
        "logs": matching.sql,
        "adjusted_count": sql("goldeneye", "adjusted_count"),
    }
    return filled(sql("query.exceptions", "occurrences"), parts)


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    for place, name in enumerate(table.column_names):
        if pa.types.is_timestamp(table.schema.field(name).type):
            times = table[name].cast(pa.timestamp("ns")).cast(pa.int64())
            table = table.set_column(place, name, times)
    rows: Iterable[dict[str, Any]] = table.to_pylist()
    return list(rows)
