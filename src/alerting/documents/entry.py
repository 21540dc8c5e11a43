"""A document read field by field: the first fault is told with its file, line and field."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite
from typing import Final, NoReturn, TypeVar

import yaml

from alerting.documents.faults import BadFile, Problem, unknown
from alerting.documents.members import CannotMerge, Merges
from alerting.documents.nodes import documents, is_null, line_of

T = TypeVar("T")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_BOOLEANS: Final = {"true": True, "false": False}


@dataclass(frozen=True)
class Entry:
    """One value of a document; `path` is its field, such as `spec.objectives[0].target`.

    What is not as it should be raises BadFile.
    """

    node: yaml.Node
    file: str
    path: str = ""
    merges: Merges = field(default_factory=Merges, compare=False, repr=False)

    @property
    def line(self) -> int:
        """From 1."""
        return line_of(self.node)

    @property
    def absent(self) -> bool:
        """Nothing was written behind the field's name."""
        return is_null(self.node)

    def problem(self, reason: str) -> Problem:
        """The fault, in one line."""
        return Problem(self.file, self.line, self.path, " ".join(reason.split("\n")))

    def fail(self, reason: str) -> NoReturn:
        raise BadFile([self.problem(reason)])

    def fields(self, known: Iterable[str], required: Iterable[str] = ()) -> dict[str, "Entry"]:
        """The fields of a mapping, without those that are empty."""
        names, found = tuple(known), dict[str, Entry]()
        for key, entry in self.pairs():
            if key not in names:
                entry.fail(unknown(key, names, all_named=True))
            if not entry.absent:
                found[key] = entry
        for name in required:
            if name not in found:
                self.fail(f"{name} is missing")
        return found

    def pairs(self) -> Iterator[tuple[str, "Entry"]]:
        """The keys of a mapping, merged ones too."""
        if not isinstance(self.node, yaml.MappingNode):
            self.fail("must be a mapping")
        try:
            members = self.merges.members(self.node)
        except CannotMerge as error:
            Entry(error.node, self.file, self.path).fail(str(error))
        for key, key_node, node, again in members:
            if key is None:
                self._inner(key_node, self.path).fail("a key must be a text")
            path = f"{self.path}.{key}" if self.path else key
            if again:
                self._inner(key_node, path).fail("is there twice")
            yield key, self._inner(node, path)

    def items(self) -> list["Entry"]:
        """The entries of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.fail("must be a list")
        return [self._inner(node, f"{self.path}[{n}]") for n, node in enumerate(self.node.value)]

    def _inner(self, node: yaml.Node, path: str) -> "Entry":
        return Entry(node, self.file, path, self.merges)

    def scalar(self) -> str:
        """A single value as it is written; empty where there is none."""
        if not isinstance(self.node, yaml.ScalarNode):
            self.fail("must be a text")
        return "" if self.absent else str(self.node.value)

    def text(self) -> str:
        """As `scalar`, but not empty."""
        written = self.scalar()
        if not written.strip():
            self.fail("must not be empty")
        return written

    def converted(self, read: Callable[[str], T]) -> T:
        """The single value as `read` has it, whose ValueError becomes a fault."""
        try:
            return read(self.scalar())
        except ValueError as error:
            self.fail(str(error))

    def number(self) -> Decimal:
        written = self.node.value if isinstance(self.node, yaml.ScalarNode) else ""
        if not _NUMBER.fullmatch(written) or not isfinite(float(written)):
            self.fail("a number is expected")
        return Decimal(written)

    def boolean(self) -> bool:
        written = self.node.value if isinstance(self.node, yaml.ScalarNode) else ""
        if written.lower() not in _BOOLEANS:
            self.fail("true or false is expected")
        return _BOOLEANS[written.lower()]

    def one_of(self, known: Iterable[T]) -> T:
        """The one of `known` that is written here."""
        names, written = tuple(known), self.text()
        found = next((name for name in names if name == written), None)
        if found is None:
            self.fail(f"{written!r} is none of {', '.join(str(name) for name in names)}")
        return found


def entries(file: str, text: str) -> Iterator[Entry]:
    """The documents of a file, without empty ones. Raises BadFile."""
    return (Entry(node, file) for node in documents(text, file))
