"""Unit tests of rules as they are written; times are milliseconds after a test's start."""

from dataclasses import dataclass, field

from alerting.labels import Labels
from query.promql.labels import Labels as Metric
from query.promql.native.histogram import Histogram
from query.promql.testing.notation import Described

Firing = tuple[Labels, Labels]


@dataclass(frozen=True, slots=True)
class AlertTest:
    """The labels and annotations of all alerts of a name that fire at a time."""

    at_ms: int
    alert: str
    expected: tuple[Firing, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Value:
    """One series of an answer; a native histogram stands in place of the number."""

    metric: Metric
    number: float
    histogram: Histogram | None = None


@dataclass(frozen=True, slots=True)
class ExpressionTest:
    """The answer of an expression at a time."""

    at_ms: int
    expression: str
    expected: tuple[Value, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Test:
    """Series and what is to come of them."""

    name: str = ""
    interval_ms: int = 0
    start_ms: int = 0
    series: tuple[Described, ...] = ()
    alerts: tuple[AlertTest, ...] = ()
    expressions: tuple[ExpressionTest, ...] = ()
    external_labels: Labels = field(default_factory=dict)
    external_url: str = ""

    @property
    def end_ms(self) -> int:
        """The last time that is looked at."""
        times = [case.at_ms for case in self.alerts]
        return max((*times, *(case.at_ms for case in self.expressions)), default=0)


@dataclass(frozen=True, slots=True)
class TestFile:
    """`rule_files` are patterns, relative to the file's folder."""

    rule_files: tuple[str, ...]
    evaluation_interval_ms: int
    group_order: tuple[str, ...]
    tests: tuple[Test, ...]
    fuzzy: bool
