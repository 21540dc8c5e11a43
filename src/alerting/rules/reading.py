"""Strict reading of YAML: what is wrong is told with its file, line and field."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

import yaml

from alerting.durations import duration_ns
from goldeneye.errors import ConfigurationError

_MERGE: Final = "tag:yaml.org,2002:merge"
_NULL: Final = "tag:yaml.org,2002:null"
_INTEGER: Final = "tag:yaml.org,2002:int"
# Merges of merges multiply.
_MAX_MERGES: Final = 10_000
_BOOLEANS: Final = {"true": True, "false": False}
Found = TypeVar("Found")


def _number(text: str) -> float:
    """YAML writes what is not finite with a point before it."""
    try:
        return float(re.sub(r"^([+-]?)\.(?=[in])", r"\1", text, flags=re.IGNORECASE))
    except ValueError:
        raise ValueError(f"{text!r} is no number") from None


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a file; `field` is its path, such as `groups[0].rules[2].for`."""

    file: str
    line: int
    field: str
    reason: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: "
        return place + (f"{self.field}: {self.reason}" if self.field else self.reason)


class BadFile(ConfigurationError):
    """A file that cannot be used: all its problems, one a line."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True)
class Place:
    """A node of the document and the path that leads to it."""

    node: yaml.Node
    path: str

    @property
    def line(self) -> int:
        return self.node.start_mark.line + 1


def _holds_itself(document: yaml.Node) -> bool:
    """Whether a node is among those below it."""
    done, above = set[int](), set[int]()
    waiting = [(document, False)]
    while waiting:
        node, is_left = waiting.pop()
        if is_left:
            above.discard(id(node))
            done.add(id(node))
        elif id(node) in above:
            return True
        elif id(node) not in done:
            above.add(id(node))
            waiting.append((node, True))
            waiting += [(child, False) for child in _children(node)]
    return False


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [child for pair in node.value for child in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


@dataclass
class Reading:
    """Reads values from places; what is wrong is noted and read as nothing."""

    file: str
    ignore_unknown: bool = False
    problems: list[Problem] = field(default_factory=list)
    _merges: int = 0

    def fault(self, place: Place, reason: str) -> None:
        one_line = " ".join(reason.split("\n"))
        self.problems.append(Problem(self.file, place.line, place.path, one_line))

    def finish(self) -> None:
        """Raises BadFile where anything was wrong."""
        if self.problems:
            raise BadFile(list(dict.fromkeys(self.problems)))

    def document(self, text: str) -> Place | None:
        """The first document, None where there is none. Raises BadFile."""
        try:
            node = next(iter(yaml.compose_all(text, yaml.SafeLoader)), None)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            reason = f"is not YAML: {error.problem}"
            raise BadFile([Problem(self.file, line, "", reason)]) from error
        except (yaml.YAMLError, RecursionError) as error:
            raise BadFile([Problem(self.file, 1, "", f"is not YAML: {error}")]) from error
        if node is None or node.tag == _NULL:
            return None
        place = Place(node, "")
        if _holds_itself(node):
            raise BadFile([Problem(self.file, place.line, "", "an anchor holds itself")])
        return place

    def fields(self, place: Place, known: frozenset[str]) -> dict[str, Place]:
        """The entries of a mapping that has no others than the known; null ones are left out."""
        found = self.mapping(place)
        for name, value in found.items():
            if name not in known and not self.ignore_unknown:
                self.fault(value, f"unknown field; known are {', '.join(sorted(known))}")
        return {k: v for k, v in found.items() if k in known and v.node.tag != _NULL}

    def mapping(self, place: Place) -> dict[str, Place]:
        """All entries of a mapping, merged ones included."""
        if not isinstance(place.node, yaml.MappingNode):
            self.fault(place, "must be a mapping")
            return {}
        found, merged = dict[str, Place](), dict[str, Place]()
        for key, value in place.node.value:
            if key.tag == _MERGE:
                merged |= self._merged(Place(value, place.path))
            elif not isinstance(key, yaml.ScalarNode):
                self.fault(Place(key, place.path), "a key must be a text")
            else:
                path = f"{place.path}.{key.value}" if place.path else key.value
                if key.value in found:
                    self.fault(Place(key, path), "is there twice")
                found[key.value] = Place(value, path)
        return {**merged, **found}

    def _merged(self, place: Place) -> dict[str, Place]:
        self._merges += 1
        if self._merges > _MAX_MERGES:
            raise BadFile([Problem(self.file, place.line, place.path, "too many merged keys")])
        if isinstance(place.node, yaml.SequenceNode):
            merged = dict[str, Place]()
            for node in reversed(place.node.value):
                merged |= self.mapping(Place(node, place.path))
            return merged
        return self.mapping(place)

    def items(self, place: Place | None) -> Iterator[Place]:
        """The entries of a list; none where there is no list."""
        if place is None:
            return
        if not isinstance(place.node, yaml.SequenceNode):
            self.fault(place, "must be a list")
            return
        for index, node in enumerate(place.node.value):
            yield Place(node, f"{place.path}[{index}]")

    def text(self, place: Place | None) -> str:
        """A scalar as it is written; empty where there is none."""
        if place is None or place.node.tag == _NULL:
            return ""
        if not isinstance(place.node, yaml.ScalarNode):
            self.fault(place, "must be a text")
            return ""
        return str(place.node.value)

    def texts(self, place: Place | None) -> Mapping[str, str]:
        """A mapping of texts, sorted by name."""
        found = {} if place is None else self.mapping(place)
        return {name: self.text(value) for name, value in sorted(found.items())}

    def duration(self, place: Place | None) -> int:
        """Nanoseconds, 0 where there is nothing."""
        return self.converted(place, duration_ns) or 0

    def integer(self, place: Place | None) -> int:
        if place is not None and place.node.tag != _INTEGER:
            self.fault(place, "must be a whole number")
            return 0
        return self.converted(place, int) or 0

    def number(self, place: Place | None) -> float:
        return self.converted(place, _number) or 0.0

    def boolean(self, place: Place | None) -> bool:
        text = self.text(place)
        if place is not None and text not in _BOOLEANS:
            self.fault(place, "must be true or false")
        return _BOOLEANS.get(text, False)

    def converted(self, place: Place | None, convert: Callable[[str], Found]) -> Found | None:
        """A scalar converted by a function that raises ValueError; None where there is none."""
        if place is None:
            return None
        try:
            return convert(self.text(place))
        except ValueError as error:
            self.fault(place, str(error))
            return None
