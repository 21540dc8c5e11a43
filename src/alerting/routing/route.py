"""The tree that leads each alert to its receivers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from alerting.durations import HOUR_NS, SECOND_NS
from alerting.labels import Labels
from alerting.matching.matcher import Matchers, all_match
from alerting.matching.matcher import written as written_matchers

# As with Alertmanager, where the configuration leaves them out.
GROUP_WAIT_NS: Final = 30 * SECOND_NS
GROUP_INTERVAL_NS: Final = 300 * SECOND_NS
REPEAT_INTERVAL_NS: Final = 4 * HOUR_NS


@dataclass(frozen=True)
class Options:
    """What a route says of its groups; children inherit what they leave out."""

    receiver: str
    group_by: frozenset[str] = frozenset()
    # `...`: each set of labels is a group of its own.
    group_by_all: bool = False
    group_wait_ns: int = GROUP_WAIT_NS
    group_interval_ns: int = GROUP_INTERVAL_NS
    repeat_interval_ns: int = REPEAT_INTERVAL_NS
    # Not inherited.
    mute_time_intervals: tuple[str, ...] = ()
    active_time_intervals: tuple[str, ...] = ()


@dataclass(frozen=True)
class Route:
    """A node of the tree. `key` names its matchers and those above, `id` also its place."""

    options: Options
    matchers: Matchers = ()
    continues: bool = False
    routes: tuple["Route", ...] = ()
    key: str = "{}"
    id: str = "{}"
    line: int = field(default=0, compare=False)

    def matches(self, labels: Labels) -> tuple["Route", ...]:
        """The deepest routes that take an alert, the first unless they continue; () for none."""
        if not all_match(self.matchers, labels):
            return ()
        taken = list[Route]()
        for child in self.routes:
            found = child.matches(labels)
            taken.extend(found)
            if found and not child.continues:
                break
        return tuple(taken) or (self,)

    def walk(self) -> Iterator["Route"]:
        """This route and all below it."""
        yield self
        for child in self.routes:
            yield from child.walk()

    def group_labels(self, labels: Labels) -> dict[str, str]:
        """Those that an alert's group is known by."""
        by = self.options.group_by
        return {n: v for n, v in labels.items() if self.options.group_by_all or n in by}


def child_key(parent: str, matchers: Matchers) -> str:
    return f"{parent}/{written_matchers(matchers)}"
