"""What the spans' resources say of their services: language, releases, instances.

Of large files it is remembered; so only a few of them are read for one question, the latest first.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from goldeneye.snapshot import FileEntry
from goldeneye.sql_files import sql
from query.asking.plain import rfc3339
from query.asking.reader import Reader
from query.asking.window import Window
from query.part_of_snapshot import FilesChanged, Part
from query.summaries.rollups import large_files

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
    """Of the spans of the range; of large files that have spans beside it, of some of those too."""
    for _ in range(_ATTEMPTS):
        try:
            return _discovered(reader, window)
        except FilesChanged:
            continue
    return Discovered(window.start_ns, _by_service(_read(reader, window, None)))


def _discovered(reader: Reader, window: Window) -> Discovered:
    files = large_files(reader, _TABLE, window)
    files.sort(key=lambda file: file.max_time_ns, reverse=True)
    senders: list[Sender] = []
    if reader.rows_within(_TABLE, *window) > sum(file.row_count for file in files):
        rest = Part(_TABLE, without=frozenset(file.id for file in files))
        senders += _read(reader, window, rest)
    since_ns, unread = window.start_ns, _READ_AT_ONCE
    for file in files:
        known = reader.memory.senders.get(file.id)
        if known is None and not unread:
            since_ns = max(since_ns, min(file.max_time_ns + 1, window.end_ns))
            continue
        if known is None:
            unread -= 1
            known = _remembered(reader, file)
        senders += (one for one in known if one.last_ns >= window.start_ns)
    return Discovered(since_ns, _by_service(one for one in senders if one.first_ns < window.end_ns))


def _remembered(reader: Reader, file: FileEntry) -> Sequence[Sender]:
    found = tuple(_read(reader, None, Part(_TABLE, only=file.id)))
    if file.path not in reader.missing_files:
        reader.memory.senders.put(file.id, found)
    return found


def _read(reader: Reader, window: Window | None, part: Part | None) -> Iterator[Sender]:
    start_ns, end_ns = (None, None) if window is None else window
    found = reader.table(sql("query.services", "senders"), {}, start_ns, end_ns, part=part)
    columns = (column.to_pylist() for column in found.columns)
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
