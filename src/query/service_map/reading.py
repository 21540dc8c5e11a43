"""Reads calls for one question, for as long as it may, and remembers them for others."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import pyarrow as pa

from goldeneye.errors import QueryLate
from goldeneye.snapshot import FileEntry
from query.asking.reader import Reader
from query.asking.window import Window
from query.part_of_snapshot import Part
from query.reads import Reads, Statement
from query.service_map import sample
from query.service_map.kinds import Numbers
from query.service_map.memory import CallMemory
from query.service_map.source import TABLE
from query.service_map.statements import REACH_NS, SPAN_COLUMNS, calls_of_files, sides_of_keys

Result = TypeVar("Result")


class Reading:
    """All of it raises FilesChanged, and QueryOverBudget where the question takes too long."""

    def __init__(self, reader: Reader, memory: CallMemory) -> None:
        self._reader = reader
        self._memory = memory
        self._until_s = reader.monotonic_s() + reader.timeout_s

    def calls(
        self, part: Part, steps: range, timed: bool, within: Window | None = None
    ) -> pa.Table:
        """The rows of calls_of_files.sql, at the first step. Raises TooManyRows."""
        params = {"reach_ns": REACH_NS, "timed": timed, "last_step": steps[-1]}
        return self._read(calls_of_files(steps[0]), params, steps[0], part, within)

    def sides(self, part: Part, keys: Numbers, step: int, within: Window | None) -> pa.Table:
        """The rows of sides_of_keys.sql, for keys of that step."""
        return self._read(sides_of_keys(step), {"keys": keys.tolist()}, step, part, within)

    def once(
        self, key: Hashable, remembered: Callable[[], Result | None], read: Callable[[], Result]
    ) -> Result:
        """What is remembered, or else what `read` returns, which may remember it."""
        found = remembered()
        if found is None:
            # Meanwhile another may have read it.
            found = self.shared(key, lambda: remembered() or read())
        return found

    def shared(self, key: Hashable, read: Callable[[], Result]) -> Result:
        """What `read` returns, or does for another question that asks for the same."""

        def noted() -> tuple[Result, set[str]]:
            before = set(self._reader.missing_files)
            return read(), self._reader.missing_files - before

        found, missing = self._memory.shared.of(key, self._left_s(), noted)
        self._reader.missing_files |= missing
        result: Result = found
        return result

    def remember(self, file: FileEntry, key: Hashable, value: Any) -> None:
        """What was read of the file, unless it could not be read."""
        if file.path not in self._reader.missing_files:
            self._memory.put(value, key)

    def _read(
        self, text: str, params: dict[str, Any], step: int, part: Part, within: Window | None
    ) -> pa.Table:
        self._left_s()
        start_ns, end_ns = (None, None) if within is None else within
        values = {**params, **sample.params(step)}
        statement = Statement(text, {TABLE: SPAN_COLUMNS}, values, only_selects=True)
        (found,) = self._reader.read(Reads([statement], start_ns, end_ns, part=part))
        return found

    def _left_s(self) -> float:
        left_s = self._until_s - self._reader.monotonic_s()
        if left_s <= 0:
            raise QueryLate(
                f"the map was not ready after {self._reader.timeout_s:g} s (query.timeout_s): ask "
                "about less time, or once more, since files that were counted are remembered"
            )
        return left_s
