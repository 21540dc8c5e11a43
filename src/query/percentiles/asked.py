"""What is asked of spans: which ones, in which groups, and what of each."""

from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from query.asking.filter_sql import Condition
from query.asking.window import Window

Method = Literal["exact", "bucketed"]
MINUTE_NS: Final = 60 * 1_000_000_000
# Keys by which the counts of files are remembered.
BY_SERVICE: Final = ("service_name", "is_entry")
ANYTHING: Final = Condition("TRUE", {})


class Step(NamedTuple):
    """Times from `origin_ns` on, in pieces of `length_ns`; the window begins in the first."""

    origin_ns: int
    length_ns: int

    @property
    def of_minutes(self) -> bool:
        """Whether each piece consists of whole minutes."""
        return self.origin_ns % MINUTE_NS == 0 and self.length_ns % MINUTE_NS == 0


@dataclass(frozen=True)
class Asked:
    """`keys` are names of KEYS in measuring.py; `condition` names columns that rollups have too.

    `filters` are of attributes, `grouped` and `measured` SQL over spans: with one of these, only
    the spans themselves can answer. `measured` is a number; the duration where it is None.
    """

    window: Window
    quantiles: tuple[float, ...]
    keys: tuple[str, ...] = ()
    condition: Condition = ANYTHING
    filters: Condition | None = None
    grouped: Condition | None = None
    measured: Condition | None = None
    step: Step | None = None
    method: Method | None = None

    @property
    def of_attributes(self) -> bool:
        """Whether it names any."""
        return any(one is not None for one in (self.filters, self.grouped, self.measured))

    @property
    def in_rollups(self) -> bool:
        """Whether rollups can answer it."""
        return not self.of_attributes and (self.step is None or self.step.of_minutes)

    @property
    def of_services(self) -> bool:
        """Whether it is of each service as a whole, or of its entries and the rest."""
        whole = (
            self.keys in (BY_SERVICE, BY_SERVICE[:1])
            and self.condition == ANYTHING
            and self.step is None
        )
        return whole and self.in_rollups


@dataclass
class Group:
    """Spans of one key. Counts are of spans seen, adjusted ones of those that they stand for."""

    span_count: int = 0
    error_count: int = 0
    adjusted_count: float = 0.0
    adjusted_error_count: float = 0.0
    measured_count: int = 0
    quantiles: list[float | None] = field(default_factory=list)


@dataclass(frozen=True)
class Measured:
    """Keys are values of `Asked.keys`, then the number of the step where there are steps."""

    groups: dict[tuple[Any, ...], Group]
    method: Method
    relative_error: float
