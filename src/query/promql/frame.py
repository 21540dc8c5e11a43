"""What an expression is evaluated in: the query as a whole and the steps at hand."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from query.promql.annotations import Annotations
from query.promql.errors import TOO_MANY_SAMPLES, PromqlError, TooManySamples
from query.promql.samples import Floats, Ints
from query.promql.source import Source
from query.promql.tree import At, Edge, Node
from query.promql.vector import Scalar, Text, Value, Vector

# Cells of series x steps, and raw samples, that are in memory at once where nobody says less.
MAX_CELLS = 100_000_000


@dataclass(frozen=True, slots=True)
class Grid:
    """Steps at equal distances, in ms since 1970."""

    start_ms: int
    step_ms: int
    count: int

    @property
    def end_ms(self) -> int:
        """The last step."""
        return self.start_ms + (self.count - 1) * self.step_ms

    @property
    def times(self) -> Ints:
        """Each step."""
        return self.start_ms + self.step_ms * np.arange(self.count, dtype=np.int64)

    def moved(self, offset_ms: int) -> "Grid":
        """The same steps, that much earlier."""
        return Grid(self.start_ms - offset_ms, self.step_ms, self.count)


def one_step(time_ms: int) -> Grid:
    """A grid of a single step."""
    return Grid(time_ms, 1, 1)


@dataclass(slots=True)
class Query:
    """All that holds for the whole query.

    `held` counts the samples of all results that are still needed, as Prometheus does: raw samples
    only of one window at a time, a native histogram by its size. `step_ms` is 0 for an instant
    query; `check` is called at each node, and inside long work, and raises when the query has run
    too long.
    """

    source: Source
    start_ms: int
    end_ms: int
    step_ms: int
    lookback_ms: int
    subquery_step_ms: int
    max_samples: int
    annotations: Annotations
    evaluate: "Callable[[Node, Frame], Value]"
    check: Callable[[], None] = lambda: None
    max_cells: int = MAX_CELLS
    saw_histograms: bool = field(default=False)
    held: int = field(default=0)

    def count(self, samples: int) -> None:
        """Raises TooManySamples where these, with what other parts of the expression hold, are too
        many."""
        if self.held + samples > self.max_samples:
            raise TooManySamples(TOO_MANY_SAMPLES)

    def one_window(self, samples: int) -> None:
        """As `check` and `count`, of a window that is looked at."""
        self.check()
        self.count(samples)

    def room(self, cells: int) -> None:
        """Raises TooManySamples where arrays of so many cells, filled or not, take too much
        memory."""
        if cells > self.max_cells:
            raise TooManySamples(TOO_MANY_SAMPLES)

    def bound(self, at: At) -> int | None:
        """The time an `@` stands for, in ms."""
        if isinstance(at, Edge):
            return self.start_ms if at is Edge.START else self.end_ms
        return at


@dataclass(frozen=True, slots=True)
class Frame:
    """A query and the steps that a part of it is evaluated at."""

    query: Query
    grid: Grid

    def value(self, node: Node) -> Value:
        """The node's value at each step."""
        return self.query.evaluate(node, self)

    def vector(self, node: Node) -> Vector:
        """The value of a node whose type is an instant vector."""
        value = self.value(node)
        if not isinstance(value, Vector):
            raise PromqlError(f"expected an instant vector, got {type(value).__name__.lower()}")
        return value

    def scalar(self, node: Node) -> Floats:
        """The value of a node whose type is a scalar, one float for each step."""
        value = self.value(node)
        if not isinstance(value, Scalar):
            raise PromqlError(f"expected a scalar, got {type(value).__name__.lower()}")
        return value.values

    def text(self, node: Node) -> str:
        """The value of a node whose type is a string."""
        value = self.value(node)
        if not isinstance(value, Text):
            raise PromqlError(f"expected a string, got {type(value).__name__.lower()}")
        return value.value

    @property
    def seconds(self) -> Floats:
        """Each step in seconds."""
        return self.grid.times / 1000.0
