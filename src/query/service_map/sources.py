"""The calls of one file, read once and remembered, and those of what is in no such file."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import pyarrow as pa

from goldeneye import limits
from goldeneye.errors import QueryLate, QueryOverBudget
from goldeneye.snapshot import FileEntry
from query.asking.reader import Reader
from query.asking.window import Window
from query.part_of_snapshot import Part
from query.reads import Reads, Statement
from query.service_map.kinds import Numbers
from query.service_map.known_calls import KnownCalls
from query.service_map.memory import CallMemory, Value
from query.service_map.moments import Moments
from query.service_map.sides import Sides
from query.service_map.source import TABLE, Rest, Source
from query.service_map.statements import (
    REACH_NS,
    SPAN_COLUMNS,
    calls_of_files,
    rounded,
    sides_of_keys,
)

Result = TypeVar("Result")


class Sources:
    """Reads them for one question, as long and as many as one may."""

    def __init__(self, reader: Reader, memory: CallMemory, window: Window, reach: Window) -> None:
        self._reader = reader
        self._memory = memory
        self._window = window
        self._reach = reach
        self._until_s = reader.monotonic_s() + reader.timeout_s
        self._used_bytes = 0

    def of_file(self, file: FileEntry) -> Source:
        """Raises FilesChanged, TooManyNames, and QueryOverBudget where it is not the first and the
        question takes too long, or too much memory."""
        start_ns, end_ns = self._window
        part = Part(TABLE, only=file.id)
        if start_ns <= file.min_time_ns and file.max_time_ns < end_ns:
            known = self._known(file, part)
            return Source(part, file, known, known.tally)
        if file.max_time_ns < start_ns or file.min_time_ns >= end_ns:
            return Source(part, file, self._known(file, part), None)
        moments = self._moments(file, part)
        return Source(part, file, self._known(file, part), moments.between(start_ns, end_ns))

    def of_rest(self, without: frozenset[str]) -> Source | None:
        """Of all but these files. Raises as `of_file` does."""
        part = Part(TABLE, without=without)
        # A little more, so that all who ask at once ask for the same.
        within = rounded(self._reach)
        found = self._shared((without, within), lambda: self._read_rest(part, within))
        if found is None:
            return None
        return Source(part, None, found.known, found.moments.between(*self._window))

    def _read_rest(self, part: Part, within: Window) -> "Rest | None":
        table = self._calls(part, timed=True, within=within)
        if not table.column_names:  # There are no such spans.
            return None
        names = self._memory.names
        return Rest(KnownCalls.of(table, names), Moments.of(table, names))

    def sides(self, source: Source, keys: Numbers) -> Sides:
        """Calls and answers of these keys. Raises as `of_file` does."""
        file, part = source.file, source.part
        if file is None:
            return self._sides(part, keys, self._reach)

        key = (file.id, keys.tobytes())

        def read() -> Sides:
            found = self._sides(part, keys, None)
            self._remember(file, key, found)
            return found

        return self._once(Sides, key, read)

    def _known(self, file: FileEntry, part: Part) -> KnownCalls:
        def read() -> KnownCalls:
            return self._counted(file, self._calls(part, timed=False))

        return self._used(self._once(KnownCalls, file.id, read))

    def _moments(self, file: FileEntry, part: Part) -> Moments:
        def read() -> Moments:
            table = self._calls(part, timed=True)
            self._counted(file, table)
            found = Moments.of(table, self._memory.names)
            self._remember(file, file.id, found)
            return found

        return self._used(self._once(Moments, file.id, read))

    def _once(self, kind: type[Value], key: Hashable, read: Callable[[], Value]) -> Value:
        """What is remembered, or else what `read` returns, which may remember it."""
        found = self._memory.get(kind, key)
        if found is None:
            # Meanwhile another may have read it.
            found = self._shared((kind, key), lambda: self._memory.get(kind, key) or read())
        return found

    def _shared(self, key: Hashable, read: Callable[[], Result]) -> Result:
        """What `read` returns, or does for another question that asks for the same."""

        def noted() -> tuple[Result, set[str]]:
            before = set(self._reader.missing_files)
            return read(), self._reader.missing_files - before

        found, missing = self._memory.shared.of(key, self._left_s(), noted)
        self._reader.missing_files |= missing
        result: Result = found
        return result

    def _sides(self, part: Part, keys: Numbers, within: Window | None) -> Sides:
        table = self._read(sides_of_keys(), {"keys": keys.tolist()}, part, within)
        return Sides.of(table, self._memory.names)

    def _counted(self, file: FileEntry, table: pa.Table) -> KnownCalls:
        found = KnownCalls.of(table, self._memory.names)
        self._remember(file, file.id, found)
        return found

    def _calls(self, part: Part, timed: bool, within: Window | None = None) -> pa.Table:
        return self._read(calls_of_files(), {"reach_ns": REACH_NS, "timed": timed}, part, within)

    def _read(
        self, text: str, params: dict[str, Any], part: Part, within: Window | None
    ) -> pa.Table:
        self._left_s()
        start_ns, end_ns = (None, None) if within is None else within
        statement = Statement(text, {TABLE: SPAN_COLUMNS}, params, only_selects=True)
        (found,) = self._reader.read(Reads([statement], start_ns, end_ns, part=part))
        return found

    def _remember(self, file: FileEntry, key: Hashable, value: Any) -> None:
        if file.path not in self._reader.missing_files:
            self._memory.put(value, key)

    def _left_s(self) -> float:
        left_s = self._until_s - self._reader.monotonic_s()
        if left_s <= 0:
            raise QueryLate(
                f"the map was not ready after {self._reader.timeout_s:g} s (query.timeout_s): ask "
                "about less time, or once more, since files that were counted are remembered"
            )
        return left_s

    def _used(self, value: Value) -> Value:
        self._used_bytes += value.nbytes
        if self._used_bytes > limits.MAX_REMEMBERED_CALL_BYTES:
            limit_mib = limits.MAX_REMEMBERED_CALL_BYTES // limits.MIB
            raise QueryOverBudget(
                f"the calls of the range take more than {limit_mib} MiB: ask about less time"
            )
        return value
