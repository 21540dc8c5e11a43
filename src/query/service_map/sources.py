"""The calls of one file, read once and remembered, and those of what is in no such file."""

from collections.abc import Callable

import pyarrow as pa

from goldeneye import limits
from goldeneye.errors import QueryOverBudget, TooManyRows
from goldeneye.snapshot import FileEntry
from query.asking.window import Window
from query.part_of_snapshot import Part
from query.service_map.kinds import Numbers
from query.service_map.known_calls import KnownCalls
from query.service_map.memory import CallMemory, Calls, Stepped, digest
from query.service_map.moments import Moments
from query.service_map.reading import Reading
from query.service_map.sample import MAX_STEP, last_step
from query.service_map.sides import Sides
from query.service_map.source import TABLE, Rest, Source
from query.service_map.statements import reach, rounded


class Sources:
    """Of one question, in bounded memory.

    All that it finds is of `step` of the sample; where that changes meanwhile, what it answered
    before is to be asked once more. It raises what Reading does, and TooManyNames.
    """

    def __init__(
        self, reading: Reading, memory: CallMemory, window: Window, spans: int, step: int
    ) -> None:
        self._reading = reading
        self._memory = memory
        self._window = window
        self._reach = reach(window)
        self._spans = spans
        self.step = step
        self._found: dict[tuple[type[Stepped], FileEntry], Stepped] = {}
        self._used_bytes = 0

    def of_file(self, file: FileEntry) -> Source:
        """Raises TooManyRows, too."""
        start_ns, end_ns = self._window
        part = Part(TABLE, only=file.id)
        if start_ns <= file.min_time_ns and file.max_time_ns < end_ns:
            known = self._known(file, part)
            return Source(part, file, known, known.tallies[0])
        if file.max_time_ns < start_ns or file.min_time_ns >= end_ns:
            return Source(part, file, self._known(file, part), None)
        moments = self._moments(file, part)
        return Source(part, file, self._known(file, part), moments.between(start_ns, end_ns))

    def of_rest(self, without: frozenset[str]) -> Source | None:
        """Of all but these files. Raises TooManyRows, too."""
        part = Part(TABLE, without=without)
        # A little more, so that all who ask at once ask for the same.
        within = rounded(self._reach)
        key = (without, within, self.step)
        found = self._reading.shared(key, lambda: self._read_rest(part, within))
        if found is None:
            return None
        self._bound(found.known.nbytes + found.moments.nbytes)
        return Source(part, None, found.known, found.moments.between(*self._window))

    def sides(self, source: Source, keys: Numbers) -> Sides:
        """Calls and answers of these keys."""
        file, part, names = source.file, source.part, self._memory.names
        if file is None:
            return Sides.of(self._reading.sides(part, keys, self.step, self._reach), names)

        key = (file.id, digest(keys.tobytes()))

        def read() -> Sides:
            found = Sides.of(self._reading.sides(part, keys, self.step, None), names)
            self._reading.remember(file, key, found)
            return found

        return self._reading.once((Sides, key), lambda: self._memory.get(Sides, key), read)

    def narrow(self) -> None:
        """Go to the next step, of a quarter of the traces. Raises QueryOverBudget at the last."""
        if self.step == MAX_STEP:
            raise QueryOverBudget("the range has too many different calls: ask about less time")
        self.step += 1
        found, self._found, self._used_bytes = self._found, {}, 0
        for (kind, file), value in found.items():
            if self.step in value.steps:
                narrowed = value.from_step(self.step)
                self._use(kind, file, narrowed)
                self._remember(file, narrowed)

    def _read_rest(self, part: Part, within: Window) -> "Rest | None":
        steps = range(self.step, self.step + 1)
        table = self._reading.calls(part, steps, timed=True, within=within)
        if not table.column_names:  # There are no such spans.
            return None
        names = self._memory.names
        return Rest(KnownCalls.of(table, names, steps), Moments.of(table, names, steps))

    def _known(self, file: FileEntry, part: Part) -> KnownCalls:
        def read() -> KnownCalls:
            return self._counted(file, *self._calls(part, timed=False))

        return self._of_step(KnownCalls, file, read)

    def _moments(self, file: FileEntry, part: Part) -> Moments:
        def read() -> Moments:
            table, steps = self._calls(part, timed=True)
            self._counted(file, table, steps)
            found = Moments.of(table, self._memory.names, steps)
            self._remember(file, found)
            return found

        return self._of_step(Moments, file, read)

    def _calls(self, part: Part, timed: bool) -> tuple[pa.Table, range]:
        """Of a file, with those of the next steps where there is room for them."""
        steps = range(self.step, last_step(self.step) + 1)
        try:
            return self._reading.calls(part, steps, timed), steps
        except TooManyRows:
            return self._reading.calls(part, steps[:1], timed), steps[:1]

    def _counted(self, file: FileEntry, table: pa.Table, steps: range) -> KnownCalls:
        found = KnownCalls.of(table, self._memory.names, steps)
        self._remember(file, found)
        return found

    def _of_step(self, kind: type[Calls], file: FileEntry, read: Callable[[], Calls]) -> Calls:
        found = self._found.get((kind, file))
        if found is None:
            step = self.step
            found = self._reading.once(
                (kind, file.id, step), lambda: self._memory.calls(kind, file.id, step), read
            )
            self._use(kind, file, found)
            self._bound()
        assert isinstance(found, kind)
        return found

    def _use(self, kind: type[Stepped], file: FileEntry, value: Stepped) -> None:
        self._found[kind, file] = value
        self._used_bytes += value.nbytes

    def _bound(self, more_bytes: int = 0) -> None:
        """Go on to a step at which all that is used, and so much more, is not too much."""
        while self._used_bytes + more_bytes > limits.MAX_REMEMBERED_CALL_BYTES:
            self._memory.took_too_much(self.step, self._spans)
            self.narrow()
            more_bytes //= 4

    def _remember(self, file: FileEntry, value: Stepped) -> None:
        self._reading.remember(file, (file.id, value.steps[0]), value)
