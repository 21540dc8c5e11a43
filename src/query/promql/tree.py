"""The expression as it is evaluated: each node knows the character it starts at."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from query.promql.labels import METRIC_NAME


class MatchKind(Enum):
    """How a matcher compares; a missing label counts as empty."""

    EQUAL = "="
    NOT_EQUAL = "!="
    REGEX = "=~"
    NOT_REGEX = "!~"


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label; regular expressions match the whole value."""

    name: str
    kind: MatchKind
    value: str


class Edge(Enum):
    """`@ start()` and `@ end()`: bound to the outermost query's range."""

    START = "start"
    END = "end"


At = int | Edge | None


@dataclass(frozen=True, slots=True)
class Number:
    """`as_duration`: written as `5m`, which stands for 300."""

    position: int
    value: float
    as_duration: bool = False


@dataclass(frozen=True, slots=True)
class String:
    position: int
    value: str


@dataclass(frozen=True, slots=True)
class Selector:
    """`offset_ms` looks back; `at` is a time in ms, or None for each step's own.

    `extension` is `anchored`, `smoothed` or empty. `written_name` stands before the braces; it is
    also the last of the matchers.
    """

    position: int
    matchers: tuple[Matcher, ...]
    offset_ms: int = 0
    at: At = None
    extension: str = ""
    written_name: str = ""

    @property
    def name(self) -> str:
        """The metric's name, where one is asked for."""
        for matcher in self.matchers:
            if matcher.name == METRIC_NAME and matcher.kind is MatchKind.EQUAL:
                return matcher.value
        return ""


@dataclass(frozen=True, slots=True)
class Range:
    position: int
    selector: Selector
    range_ms: int


@dataclass(frozen=True, slots=True)
class Subquery:
    position: int
    inner: "Node"
    range_ms: int
    step_ms: int | None
    offset_ms: int = 0
    at: At = None


@dataclass(frozen=True, slots=True)
class Paren:
    position: int
    inner: "Node"


@dataclass(frozen=True, slots=True)
class Negative:
    position: int
    inner: "Node"


@dataclass(frozen=True, slots=True)
class Matching:
    """Which labels pair the two sides of a vector operation, and how many of each pair."""

    many: str | None = None
    on: bool = False
    labels: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    fill_left: float | None = None
    fill_right: float | None = None


@dataclass(frozen=True, slots=True)
class Binary:
    position: int
    operator: str
    left: "Node"
    right: "Node"
    matching: Matching
    return_bool: bool
    is_scalar: bool


@dataclass(frozen=True, slots=True)
class Aggregate:
    position: int
    operator: str
    inner: "Node"
    parameter: "Node | None"
    labels: tuple[str, ...]
    without: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function takes; so many of the last type may lack or, below 0, be repeated."""

    types: tuple[str, ...] = ()
    variadic: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    position: int
    function: str
    arguments: tuple["Node", ...]
    returns: str
    experimental: bool
    signature: Signature = Signature()


Node = Number | String | Selector | Range | Subquery | Paren | Negative | Binary | Aggregate | Call


def children(node: Node) -> tuple[Node, ...]:
    """The parts of a node, from left to right."""
    match node:
        case Range():
            return (node.selector,)
        case Subquery() | Paren() | Negative():
            return (node.inner,)
        case Binary():
            return (node.left, node.right)
        case Aggregate():
            return (node.inner,) if node.parameter is None else (node.parameter, node.inner)
        case Call():
            return node.arguments
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += reversed(children(found))


def depth(node: Node) -> int:
    """How deep the tree is, a chain such as `a + b + c` counting once."""
    deepest, waiting = 0, [(node, 1)]
    while waiting:
        found, level = waiting.pop()
        deepest = max(deepest, level)
        for child in children(found):
            chained = isinstance(found, Binary) and child is found.left
            waiting.append((child, level if chained else level + 1))
    return deepest


def bare(node: Node) -> Node:
    """What stands inside any parentheses."""
    while isinstance(node, Paren):
        node = node.inner
    return node


def value_type(node: Node) -> str:
    """`scalar`, `vector`, `matrix` or `string`."""
    match node:
        case Number():
            return "scalar"
        case String():
            return "string"
        case Range() | Subquery():
            return "matrix"
        case Paren() | Negative():
            return value_type(node.inner)
        case Binary():
            return "scalar" if node.is_scalar else "vector"
        case Call():
            return node.returns
        case _:
            return "vector"
