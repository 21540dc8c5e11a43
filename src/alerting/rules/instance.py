"""One alert of a rule: what it is at a time, never changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Final

from alerting.durations import MINUTE_NS
from alerting.labels import Labels
from alerting.rules.querying import identity

RESOLVED_RETENTION_NS: Final = 15 * MINUTE_NS
Key = tuple[tuple[str, str], ...]


class State(StrEnum):
    """Where an alert stands; `inactive` are those that are not kept."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


class Gap(StrEnum):
    """Why nothing is known of an alert now; it is shown in place of its state."""

    NO_DATA = "no_data"
    ERROR = "error"


@dataclass(frozen=True)
class Instance:
    """Times are nanoseconds since the epoch, 0 for never.

    `source` are the labels of the answer that it came of, without the metric's name. Until
    `settles_at_ns` it does not end: after a restart its data may not be back yet.
    """

    labels: Labels
    source: Labels
    annotations: Labels = field(default_factory=dict)
    state: State = State.PENDING
    gap: Gap | None = None
    value: float = 0.0
    active_at_ns: int = 0
    fired_at_ns: int = 0
    resolved_at_ns: int = 0
    keep_firing_since_ns: int = 0
    sent_at_ns: int = 0
    settles_at_ns: int = 0

    @cached_property
    def key(self) -> Key:
        return identity(self.labels)

    @property
    def is_active(self) -> bool:
        return self.state in (State.PENDING, State.FIRING)

    def resolved(self, at_ns: int) -> "Instance":
        """As it is once it no longer fires."""
        return replace(self, state=State.RESOLVED, resolved_at_ns=at_ns, gap=None)

    @property
    def shown(self) -> str:
        """The state as it is told: `no_data` and `error` hide what was."""
        return str(self.gap or self.state)


Instances = Mapping[Key, Instance]
