"""When groups are evaluated: on a grid of their interval, each at an offset of its own."""

from dataclasses import dataclass

from alerting.labels import fingerprint
from alerting.rules.definitions import Group


def offset_ns(group: Group, interval_ns: int) -> int:
    """Where in its interval a group is evaluated: always the same, different for each group."""
    return int(fingerprint({"file": group.file, "name": group.name}), 16) % interval_ns


@dataclass(frozen=True, slots=True)
class Slot:
    """An evaluation that is due; `missed` are the ones before it that nobody came to."""

    at_ns: int
    missed: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """One group's grid: times are `offset_ns` after whole multiples of `interval_ns`."""

    interval_ns: int
    offset_ns: int

    @classmethod
    def of(cls, group: Group, default_interval_ns: int) -> "Schedule":
        interval = group.interval_ns or default_interval_ns
        return cls(interval, offset_ns(group, interval))

    def slot_before(self, now_ns: int) -> int:
        """The last time of the grid that is not after now."""
        return now_ns - (now_ns - self.offset_ns) % self.interval_ns

    def next_after(self, at_ns: int) -> int:
        """The first time of the grid that is after this one."""
        return self.slot_before(at_ns) + self.interval_ns

    def due(self, last_ns: int, now_ns: int) -> Slot | None:
        """What is to be evaluated now, `last_ns` being the last slot; None where it is early.

        Of several slots that have passed only the last one is evaluated.
        """
        slot = self.slot_before(now_ns)
        first = self.next_after(last_ns)
        if last_ns > now_ns:
            # The clock was set back.
            return Slot(slot, 0)
        if slot < first:
            return None
        return Slot(slot, (slot - first) // self.interval_ns)
