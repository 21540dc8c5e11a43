"""A document of which all faults are told at once: what is wrong is noted and read as nothing."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from alerting.documents.entry import Entry, entries
from alerting.documents.faults import BadFile, Problem, unknown
from alerting.durations import duration_ns

_INTEGER: Final = "tag:yaml.org,2002:int"
Found = TypeVar("Found")


@dataclass
class Reading:
    """Reads values of entries; None stands for one that is not there."""

    file: str
    ignore_unknown: bool = False
    problems: list[Problem] = field(default_factory=list)

    def fault(self, entry: Entry, reason: str) -> None:
        self.problems.append(entry.problem(reason))

    def finish(self) -> None:
        """Raises BadFile where anything was wrong."""
        if self.problems:
            raise BadFile(list(dict.fromkeys(self.problems)))

    def document(self, text: str) -> Entry | None:
        """The first document, None where there is none. Raises BadFile."""
        return next(entries(self.file, text), None)

    def fields(self, entry: Entry, known: frozenset[str]) -> dict[str, Entry]:
        """The entries of a mapping that has no others than the known; null ones are left out."""
        found = self.mapping(entry)
        for name, value in found.items():
            if name not in known and not self.ignore_unknown:
                self.fault(value, unknown(name, known, all_named=True))
        return {k: v for k, v in found.items() if k in known and not v.absent}

    def mapping(self, entry: Entry) -> dict[str, Entry]:
        """All entries of a mapping, up to the first that is wrong."""
        found = dict[str, Entry]()
        self._noted(lambda: found.update(entry.pairs()), None)
        return found

    def items(self, entry: Entry | None) -> Iterator[Entry]:
        """The entries of a list; none where there is no list."""
        none = list[Entry]()
        return iter(none if entry is None else self._noted(entry.items, none))

    def text(self, entry: Entry | None) -> str:
        """A scalar as it is written; empty where there is none."""
        return "" if entry is None or entry.absent else self._noted(entry.scalar, "")

    def texts(self, entry: Entry | None) -> Mapping[str, str]:
        """A mapping of texts, sorted by name."""
        found = {} if entry is None else self.mapping(entry)
        return {name: self.text(value) for name, value in sorted(found.items())}

    def duration(self, entry: Entry | None) -> int:
        """Nanoseconds, 0 where there is nothing."""
        return self.converted(entry, duration_ns) or 0

    def integer(self, entry: Entry | None) -> int:
        if entry is not None and entry.node.tag != _INTEGER:
            self.fault(entry, "must be a whole number")
            return 0
        return self.converted(entry, int) or 0

    def number(self, entry: Entry | None) -> float:
        return self.converted(entry, _number) or 0.0

    def boolean(self, entry: Entry | None) -> bool:
        return False if entry is None else self._noted(entry.boolean, False)

    def converted(self, entry: Entry | None, convert: Callable[[str], Found]) -> Found | None:
        """A scalar converted by a function that raises ValueError; None where there is none."""
        return None if entry is None else self._noted(lambda: entry.converted(convert), None)

    def _noted(self, read: Callable[[], Found], otherwise: Found) -> Found:
        try:
            return read()
        except BadFile as error:
            self.problems += error.problems
            return otherwise


def _number(text: str) -> float:
    """YAML writes what is not finite with a point before it."""
    try:
        return float(re.sub(r"^([+-]?)\.(?=[in])", r"\1", text, flags=re.IGNORECASE))
    except ValueError:
        raise ValueError(f"{text!r} is no number") from None
