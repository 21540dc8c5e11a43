"""Rules as they are written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from alerting.labels import Labels
from alerting.rules.thresholds import Threshold


@dataclass(frozen=True, slots=True)
class Promql:
    """A PromQL expression: each series of its answer counts."""

    text: str


@dataclass(frozen=True, slots=True)
class Sql:
    """One SELECT: each row counts; `value` is its value, all other columns are its labels.

    A row whose value is NULL says that there is no data for its labels.
    """

    text: str


@dataclass(frozen=True, slots=True)
class LogSearch:
    """How many log records of the last `window_ns` match, for each value of `by`."""

    search: str
    window_ns: int
    threshold: Threshold
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Burn:
    """The error budget of an objective burns as a policy of the SLO forbids."""

    slo: str
    objective: str
    policy: str


Expression = Promql | Sql | LogSearch | Burn


def kind_of(expression: Expression) -> str:
    """As the table of events has it."""
    match expression:
        case Promql():
            return "promql"
        case Sql():
            return "sql"
        case LogSearch():
            return "log"
        case Burn():
            return "slo"


class Unknown(StrEnum):
    """What becomes of alerts of which nothing is known, for lack of data or by an error."""

    RESOLVE = "resolve"
    KEEP = "keep"
    FIRE = "fire"


@dataclass(frozen=True, slots=True)
class AlertingRule:
    """Durations are nanoseconds; labels are those of the group and its own."""

    name: str
    expression: Expression
    hold_ns: int = 0
    keep_firing_ns: int = 0
    labels: Labels = field(default_factory=dict)
    annotations: Labels = field(default_factory=dict)
    no_data: Unknown = Unknown.RESOLVE
    error: Unknown = Unknown.KEEP
    line: int = 0


@dataclass(frozen=True, slots=True)
class RecordingRule:
    """Its answer is written as series of its name."""

    name: str
    expression: Expression
    labels: Mapping[str, str] = field(default_factory=dict)
    line: int = 0


Rule = AlertingRule | RecordingRule


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are evaluated one after the other at one time.

    `interval_ns` of 0 is the default; `limit` of 0 is none; `query_offset_ns` looks back.
    """

    name: str
    rules: tuple[Rule, ...] = ()
    file: str = ""
    interval_ns: int = 0
    limit: int = 0
    query_offset_ns: int = 0
    line: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """Names of groups are unique in their file."""
        return self.file, self.name
