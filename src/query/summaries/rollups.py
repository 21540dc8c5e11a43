"""Counts of rollups: of files and hot rows as remembered, where they are not too many.

A large file is remembered by hours; an hour in which the range begins or ends, by minutes.
"""

from collections.abc import Hashable, Iterator
from contextlib import suppress
from typing import Final, NamedTuple

from goldeneye.errors import QueryOverBudget
from goldeneye.snapshot import FileEntry
from query.asking.reader import Reader
from query.asking.window import HOUR_NS, Window
from query.part_of_snapshot import FilesChanged, Part
from query.percentiles.asked import MINUTE_NS
from query.percentiles.entries import READ_COLUMNS
from query.reads import Reads, Statement
from query.summaries.counts import Counts
from query.summaries.memory import RollupMemory
from query.summaries.of_pieces import is_large
from query.summaries.pieces import Counting, TooManyPieces
from query.summaries.statement import TABLE, rollup_counts_sql

# Files are merged while the question is answered; more often than this they are not.
_ATTEMPTS: Final = 3


class RollupCounts(NamedTuple):
    """Parts that together are all of what they cover."""

    parts: list[Counts]
    covered: Window


def rollup_counts(
    reader: Reader, memory: RollupMemory, window: Window, minutes: Window
) -> RollupCounts:
    """Of the whole `minutes` of the window at least. Raises TooManyNames."""
    for _ in range(_ATTEMPTS):
        try:
            return _by_piece(reader, memory, window, minutes)
        except FilesChanged:
            continue
        except (QueryOverBudget, TooManyPieces):
            break
    for _ in range(_ATTEMPTS):
        try:
            return RollupCounts(list(_parts(reader, memory, minutes)), minutes)
        except FilesChanged:
            continue
    return RollupCounts([_read(reader, memory, "", minutes, None)], minutes)


def _by_piece(
    reader: Reader, memory: RollupMemory, window: Window, minutes: Window
) -> RollupCounts:
    """Raises QueryOverBudget where one file has more counts than an answer may have rows."""
    counting = Counting(reader, memory, window, minutes)
    parts = [counting.counts()]
    first, last = (minute * MINUTE_NS for minute in counting.units())
    for file in counting.large:
        parts += _of_file(reader, memory, file, Window(first, last))
    return RollupCounts(parts, counting.covered)


def _parts(reader: Reader, memory: RollupMemory, minutes: Window) -> Iterator[Counts]:
    counted = set()
    for file in large_files(reader, TABLE, minutes):
        # Of very many services one file has more counts than an answer may have rows.
        with suppress(QueryOverBudget):
            yield from list(_of_file(reader, memory, file, minutes))
            counted.add(file.id)
    yield _read(reader, memory, "", minutes, Part(TABLE, without=frozenset(counted)))


def large_files(reader: Reader, table: str, window: Window) -> list[FileEntry]:
    """The files with rows of these times that are worth remembering."""
    return [file for file in reader.files(table, *window) if is_large(file)]


def _of_file(
    reader: Reader, memory: RollupMemory, file: FileEntry, minutes: Window
) -> Iterator[Counts]:
    start_ns, end_ns = minutes
    if start_ns <= file.min_time_ns and file.max_time_ns < end_ns:
        yield _of_hours(reader, memory, file, None)
        return
    first_hour, last_hour = -(-start_ns // HOUR_NS), end_ns // HOUR_NS
    if first_hour < last_hour:
        yield _of_hours(reader, memory, file, (first_hour, last_hour))
    # The hours of which the range has a part only.
    for hour in {bound // HOUR_NS for bound in minutes if bound % HOUR_NS}:
        if file.min_time_ns < (hour + 1) * HOUR_NS and file.max_time_ns >= hour * HOUR_NS:
            yield _of_minutes(reader, memory, file, hour, minutes)


def _of_hours(
    reader: Reader, memory: RollupMemory, file: FileEntry, hours: tuple[int, int] | None
) -> Counts:
    """The file's counts of these hours, or of all; the same for all that ask within an hour."""
    key = (file.id, hours)
    counts = memory.counts.get(key)
    if counts is None:
        counts = _by_hours(reader, memory, file)
        counts = (counts if hours is None else counts.within(*hours)).together()
        if file.path not in reader.missing_files:
            memory.counts.put(key, counts)
    return counts


def _of_minutes(
    reader: Reader, memory: RollupMemory, file: FileEntry, hour: int, minutes: Window
) -> Counts:
    """The file's counts of the minutes of an hour; the same for all that ask within a minute."""
    first, last = (bound // MINUTE_NS for bound in minutes)
    key = (file.id, hour, first, last)
    counts = memory.counts.get(key)
    if counts is None:
        counts = _by_minutes(reader, memory, file, hour).within(first, last).together()
        if file.path not in reader.missing_files:
            memory.counts.put(key, counts)
    return counts


def _by_hours(reader: Reader, memory: RollupMemory, file: FileEntry) -> Counts:
    return _remembered(reader, memory, file, file.id, HOUR_NS, None)


def _by_minutes(reader: Reader, memory: RollupMemory, file: FileEntry, hour: int) -> Counts:
    window = Window(hour * HOUR_NS, (hour + 1) * HOUR_NS)
    return _remembered(reader, memory, file, (file.id, hour), MINUTE_NS, window)


def _remembered(
    reader: Reader,
    memory: RollupMemory,
    file: FileEntry,
    key: Hashable,
    unit_ns: int,
    window: Window | None,
) -> Counts:
    counts = memory.counts.get(key)
    if counts is None:
        unit = f"epoch_ns(minute) // {unit_ns} AS unit,"
        counts = _read(reader, memory, unit, window, Part(TABLE, only=file.id))
        if file.path not in reader.missing_files:
            memory.counts.put(key, counts)
    return counts


def _read(
    reader: Reader, memory: RollupMemory, unit: str, window: Window | None, part: Part | None
) -> Counts:
    start_ns, end_ns = (None, None) if window is None else window
    text = rollup_counts_sql(unit, "unit" if unit else "")
    reads = Reads([Statement(text, {TABLE: READ_COLUMNS[TABLE]})], start_ns, end_ns, part=part)
    return Counts.of(reader.read(reads)[0], memory.names)
