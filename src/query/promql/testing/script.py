"""A test file as commands: load, clear, eval."""

import re
from dataclasses import dataclass, field

from query.promql.testing.notation import BadNotation, Described, described, milliseconds

_LOAD = re.compile(r"load(_with_nhcb)?\s+(\S+)$")
_INSTANT = re.compile(r"eval(?:_(fail|warn|ordered|info))?\s+instant\s+(?:at\s+(\S+)\s+)?(.+)$")
_RANGE = re.compile(
    r"eval(?:_(fail|warn|info))?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.+)$"
)
_EXPECT = re.compile(
    r"expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg)\s*:\s*(.*))?$"
)
_EXPECT_STRING = re.compile(r"expect\s+string\s+(.+)$")
_EXPECT_RANGE = re.compile(r"expect\s+range\s+vector\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)$")
_OLD_MESSAGE = re.compile(r"expected_fail_(message|regexp)\s+(.+)$")


@dataclass(frozen=True, slots=True)
class Load:
    """Add samples, `step_ms` apart from time 0 on; classic histograms also as native ones."""

    line: int
    step_ms: int
    convert: bool
    series: list[Described]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An evaluation that is not written as we know it."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Clear:
    """Forget all samples."""

    line: int


@dataclass(frozen=True, slots=True)
class Note:
    """What an error or annotation must say: `msg` is the text, `regex` is found in it."""

    form: str
    text: str

    def fits(self, found: str) -> bool:
        """Whether the text is as wanted."""
        if self.form == "regex":
            return re.search(self.text, found) is not None
        return found == self.text


@dataclass(slots=True)
class Expectation:
    """What an evaluation must give; `notes` by kind hold the texts, if any, beside the fact."""

    series: list[Described] = field(default_factory=list)
    number: float | None = None
    string: str | None = None
    kinds: set[str] = field(default_factory=set)
    notes: list[tuple[str, Note]] = field(default_factory=list)
    times: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Eval:
    """Evaluate at one time (`step_ms` 0) or over a range, and compare."""

    line: int
    query: str
    start_ms: int
    end_ms: int
    step_ms: int
    expected: Expectation

    @property
    def is_instant(self) -> bool:
        """Whether it is evaluated at one time."""
        return self.step_ms == 0


Command = Load | Clear | Eval | Unreadable


def commands(text: str) -> list[Command]:
    """Read a test file. Raises BadNotation with the line of what cannot be loaded."""
    lines = [_bare(line) for line in text.splitlines()]
    found: list[Command] = []
    at = 0
    while at < len(lines):
        line, number = lines[at], at + 1
        at += 1
        if not line:
            continue
        block = []
        if line != "clear":
            while at < len(lines) and lines[at]:
                block.append(lines[at])
                at += 1
        try:
            found.append(_command(number, line, block))
        except (BadNotation, ValueError) as error:
            if not line.startswith("eval"):
                raise BadNotation(f"line {number}: {error}") from error
            found.append(Unreadable(number, line, str(error)))
    return found


def _bare(line: str) -> str:
    line = line.strip()
    return "" if line.startswith("#") else line


def _command(number: int, line: str, block: list[str]) -> Command:
    if line == "clear":
        return Clear(number)
    load = _LOAD.match(line)
    if load:
        series = [described(text) for text in block]
        return Load(number, milliseconds(load.group(2)), bool(load.group(1)), series)
    ranged = _RANGE.match(line)
    if ranged:
        kind, start, end, step, query = ranged.groups()
        times = milliseconds(start), milliseconds(end), milliseconds(step)
        return Eval(number, query, *times, _expectation(kind, block))
    instant = _INSTANT.match(line)
    if instant:
        kind, time, query = instant.groups()
        at = milliseconds(time or "0")
        return Eval(number, query, at, at, 0, _expectation(kind, block))
    raise BadNotation(f"no command: {line}")


def _expectation(kind: str | None, block: list[str]) -> Expectation:
    expected = Expectation()
    if kind:
        expected.kinds.add(kind)
    for line in block:
        if not _told(expected, line):
            number = _number(line)
            if number is None:
                expected.series.append(described(line))
            else:
                expected.number = number
    return expected


def _told(expected: Expectation, line: str) -> bool:
    match = _EXPECT.match(line)
    if match:
        kind, form, text = match.groups()
        expected.kinds.add(kind)
        if form:
            expected.notes.append((kind, Note(form, text.strip())))
        return True
    match = _EXPECT_STRING.match(line)
    if match:
        expected.string = match.group(1).strip()
        return True
    match = _EXPECT_RANGE.match(line)
    if match:
        start, end, step = (milliseconds(text) for text in match.groups())
        expected.times = (start, end, step)
        return True
    match = _OLD_MESSAGE.match(line)
    if match:
        form = "msg" if match.group(1) == "message" else "regex"
        expected.kinds.add("fail")
        expected.notes.append(("fail", Note(form, match.group(2).strip())))
    return bool(match)


def _number(line: str) -> float | None:
    try:
        return float(line)
    except ValueError:
        return None
