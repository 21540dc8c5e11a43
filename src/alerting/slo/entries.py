"""YAML read strictly, so that each fault names its file, line and field."""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Final, NoReturn, TypeVar

import yaml

from goldeneye.errors import ConfigurationError

T = TypeVar("T")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_BOOLEANS: Final = {"true": True, "false": False}


@dataclass(frozen=True)
class Entry:
    """One value of a document; `path` is its field, such as `spec.objectives[0].target`."""

    node: yaml.Node
    file: str
    path: str = ""

    @property
    def line(self) -> int:
        return int(self.node.start_mark.line) + 1

    @property
    def absent(self) -> bool:
        """Nothing was written behind the field's name."""
        return isinstance(self.node, yaml.ScalarNode) and self.node.tag == "tag:yaml.org,2002:null"

    def fail(self, what: str) -> NoReturn:
        field = f"{self.path}: " if self.path else ""
        raise ConfigurationError(f"{self.file}:{self.line}: {field}{what}")

    def fields(self, known: Iterable[str], required: Iterable[str] = ()) -> dict[str, "Entry"]:
        """The fields of a mapping, without those that are empty."""
        names, found = tuple(known), dict[str, Entry]()
        for key, entry in self.pairs():
            if key not in names:
                nearest = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
                hint = f"; did you mean {nearest[0]}?" if nearest else ""
                entry.fail(f"unknown field{hint} (known: {', '.join(sorted(names))})")
            if not entry.absent:
                found[key] = entry
        for name in required:
            if name not in found:
                self.fail(f"{name} is missing")
        return found

    def pairs(self) -> Iterator[tuple[str, "Entry"]]:
        if not isinstance(self.node, yaml.MappingNode):
            self.fail("a mapping is expected")
        seen = set[str]()
        for key, value in self.node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.fail("a field's name must be text")
            path = f"{self.path}.{key.value}" if self.path else str(key.value)
            entry = Entry(value, self.file, path)
            if key.value in seen:
                Entry(key, self.file, path).fail("is written twice")
            seen.add(key.value)
            yield str(key.value), entry

    def items(self) -> list["Entry"]:
        if not isinstance(self.node, yaml.SequenceNode):
            self.fail("a list is expected")
        return [
            Entry(node, self.file, f"{self.path}[{n}]") for n, node in enumerate(self.node.value)
        ]

    def text(self) -> str:
        if not isinstance(self.node, yaml.ScalarNode) or self.absent:
            self.fail("text is expected")
        if not self.node.value.strip():
            self.fail("must not be empty")
        return str(self.node.value)

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


def documents(file: str, text: str) -> list[Entry]:
    """The documents of a file, without empty ones. Raises ConfigurationError."""
    try:
        nodes = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(f"{file}:{line}: is not YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{file}: is not YAML: {error}") from error
    except RecursionError as error:
        raise ConfigurationError(f"{file}: is nested too deeply") from error
    entries = [Entry(node, file) for node in nodes if node is not None]
    return [entry for entry in entries if not entry.absent]
