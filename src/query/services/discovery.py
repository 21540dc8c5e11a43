"""What the spans' resources say of their services: language, releases, instances.

Of files and hot rows it is remembered; few large files are read for one question, the latest first.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from goldeneye.sql_files import sql
from query.analysis.quoting import identifier, literal
from query.asking.plain import rfc3339
from query.asking.reader import Reader
from query.asking.statements import filled
from query.asking.window import Window
from query.part_of_snapshot import FilesChanged
from query.reads import Reads, Statement
from query.summaries.of_pieces import found_in_file, found_in_pieces

Facts = dict[str, Any]
NOTHING: Facts = {
    "language": None,
    "namespace": None,
    "environment": None,
    "versions": [],
    "instances": 0,
    "first_seen": None,
}
_TABLE: Final = "spans"
# Large files that one question reads: each takes a tenth of a second or two.
_READ_AT_ONCE: Final = 4
_ATTEMPTS: Final = 3
_PREFIX: Final = "resource_attributes"
_OTHER: Final = f"{_PREFIX}_other"
_KEYS: Final = {
    "language": ("telemetry.sdk.language",),
    "version": ("service.version",),
    "instance": ("service.instance.id",),
    "namespace": ("service.namespace",),
    "environment": ("deployment.environment.name", "deployment.environment"),
}


class Sender(NamedTuple):
    """One set of what a resource says, and when it was first and last seen, in nanoseconds."""

    service_name: str | None
    language: str | None
    version: str | None
    instance: str | None
    namespace: str | None
    environment: str | None
    first_ns: int
    last_ns: int


class Discovered(NamedTuple):
    """All spans since `since_ns` were looked at."""

    since_ns: int
    services: dict[str | None, Facts]


def discovered(reader: Reader, window: Window) -> Discovered:
    """Of the spans of the range; of files and hot rows that have spans beside it, of those too."""
    for _ in range(_ATTEMPTS):
        try:
            return _discovered(reader, window)
        except FilesChanged:
            continue
    found = reader.read(Reads([_statement()], *window))
    return Discovered(window.start_ns, _by_service(_within(found, window)))


def _discovered(reader: Reader, window: Window) -> Discovered:
    memory, statement = reader.memory.senders, _statement()
    parts, files = found_in_pieces(reader, memory, statement, window, bounded=False)
    files.sort(key=lambda file: file.max_time_ns, reverse=True)
    since_ns, unread = window.start_ns, _READ_AT_ONCE
    for file in files:
        known = memory.get((statement.sql, file.id)) is not None
        if not known and not unread:
            since_ns = max(since_ns, min(file.max_time_ns + 1, window.end_ns))
            continue
        unread -= not known
        parts.append(found_in_file(reader, memory, statement, file))
    return Discovered(since_ns, _by_service(_within(parts, window)))


def _statement() -> Statement:
    said = {name: _said(*keys) for name, keys in _KEYS.items()}
    columns = [*(f"{_PREFIX}.{key}" for keys in _KEYS.values() for key in keys), _OTHER]
    parts = {**said, "columns": ", ".join(map(identifier, columns))}
    read = ("service_name", "start_time", "received_time", *columns)
    return Statement(filled(sql("query.services", "senders"), parts), {_TABLE: read}, by_piece=True)


def _said(*keys: str) -> str:
    """The first of a resource's attributes that it has, as text."""
    found = []
    for key in keys:
        # Of another type than its column it is among the others.
        path = literal(f'$."{key}"')
        found += [f"CAST({identifier(f'{_PREFIX}.{key}')} AS VARCHAR)", f"{_OTHER} ->> {path}"]
    return f"coalesce({', '.join(found)})"


def _within(parts: Sequence[pa.Table], window: Window) -> Iterator[Sender]:
    """Those who sent in the window, each once."""
    found = pa.concat_tables(parts, promote_options="default") if parts else pa.table({})
    if not found.num_rows:
        return iter(())
    meant = pc.and_(
        pc.greater_equal(found.column("last_ns"), window.start_ns),
        pc.less(found.column("first_ns"), window.end_ns),
    )
    times = [("first_ns", "min"), ("last_ns", "max")]
    once = (
        found.filter(meant).group_by(list(Sender._fields[:-2]), use_threads=False).aggregate(times)
    )
    names = [*Sender._fields[:-2], *("_".join(time) for time in times)]
    columns = (once.column(name).to_pylist() for name in names)
    return (Sender(*row) for row in zip(*columns, strict=True))


def _by_service(senders: Iterator[Sender]) -> dict[str | None, Facts]:
    own = defaultdict(list)
    for one in senders:
        own[one.service_name].append(one)
    return {service: _facts(found) for service, found in own.items()}


def _facts(senders: list[Sender]) -> Facts:
    senders.sort(key=lambda one: (one.last_ns, one.first_ns), reverse=True)
    first: dict[str, int] = {}
    for one in senders:
        if one.version is not None:
            first[one.version] = min(first.get(one.version, one.first_ns), one.first_ns)
    return {
        "language": _latest(one.language for one in senders),
        "namespace": _latest(one.namespace for one in senders),
        "environment": _latest(one.environment for one in senders),
        "versions": [
            {"version": version, "first_seen": rfc3339(first[version])}
            for version in sorted(first, key=lambda one: (first[one], one))
        ],
        "instances": len({one.instance for one in senders} - {None}),
        "first_seen": rfc3339(min(one.first_ns for one in senders)),
    }


def _latest(values: Iterator[str | None]) -> str | None:
    """The first that is there."""
    return next((value for value in values if value is not None), None)
