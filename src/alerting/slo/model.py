"""What a service level objective says, as frozen words that the rest reads."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from alerting.documents.faults import Problem
from alerting.slo.calendar_window import CalendarWindow
from alerting.slo.exclusions import Exclusion
from alerting.slo.span_filter import Filter

Method = Literal["Occurrences", "Timeslices", "RatioTimeslices"]
Comparison = Literal["lt", "lte", "gt", "gte"]
# What becomes of an alert while a window has no traffic.
NoData = Literal["resolve", "keep", "fire"]
Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Promql:
    """A query whose value is taken once a minute."""

    query: str


@dataclass(frozen=True)
class Sql:
    """A statement whose rows are minutes and values; `place` is where it stands."""

    statement: str
    place: Problem | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Spans:
    """The spans of a service that count; None is any."""

    service: str
    operation: str | None = None
    kind: str | None = None
    filter: Filter | None = None


Source = Promql | Sql | Spans


@dataclass(frozen=True)
class GoodRatio:
    """Good events of all; `counter`: the values only grow, and their increase counts."""

    good: Source
    total: Source
    counter: bool = False


@dataclass(frozen=True)
class BadRatio:
    """Bad events of all; `counter`: the values only grow, and their increase counts."""

    bad: Source
    total: Source
    counter: bool = False


@dataclass(frozen=True)
class RawRatio:
    """A ratio that the source has made already; each minute weighs the same."""

    raw: Source
    success: bool


@dataclass(frozen=True)
class Threshold:
    """Values that the objective's `op` and `value` sort into good and bad."""

    source: Source


Indicator = GoodRatio | BadRatio | RawRatio | Threshold


@dataclass(frozen=True)
class RollingWindow:
    """The last so many minutes, the running one among them."""

    minutes: int


Window = RollingWindow | CalendarWindow


@dataclass(frozen=True)
class Objective:
    """`target` is the share of good that is promised, from 0 to below 1."""

    name: str
    target: Decimal
    op: Comparison | None = None
    value: float | None = None
    slice_target: float | None = None
    slice_minutes: int = 1

    @property
    def budget(self) -> float:
        """The share that may be bad: exactly 0.001 for 0.999, which floats do not give."""
        return float(1 - self.target)


@dataclass(frozen=True)
class BurnCondition:
    """The burn rate over `minutes` is above `threshold` (or reaches it, where `or_equal`)."""

    minutes: int
    threshold: float
    or_equal: bool = False


@dataclass(frozen=True)
class BurnAlert:
    """Fires where all conditions hold, and have held for `after_minutes`."""

    conditions: tuple[BurnCondition, ...]
    after_minutes: int = 0


@dataclass(frozen=True)
class NotificationTarget:
    name: str
    target: str
    description: str = ""


@dataclass(frozen=True)
class AlertPolicy:
    """One alert, and whom to tell: it fires where any of `alerts` does."""

    name: str
    severity: str
    alerts: tuple[BurnAlert, ...]
    targets: tuple[NotificationTarget, ...] = ()
    no_data: NoData = "resolve"
    when_resolved: bool = True
    when_breaching: bool = True
    description: str = ""


@dataclass(frozen=True)
class Service:
    name: str
    display_name: str = ""
    description: str = ""


@dataclass(frozen=True)
class Place:
    """Where a document stands; `line` counts from 1."""

    file: str
    line: int


@dataclass(frozen=True)
class Slo:
    """One or more promises about one indicator; each objective has a budget of its own."""

    name: str
    service: str
    indicator: Indicator
    window: Window
    method: Method
    objectives: tuple[Objective, ...]
    policies: tuple[AlertPolicy, ...] = ()
    display_name: str = ""
    description: str = ""
    labels: Labels = ()
    annotations: Labels = ()
    exclusions: tuple[Exclusion, ...] = ()
    minimum_bad_events: float = 1
    place: Place = field(default=Place("", 1), compare=False)
