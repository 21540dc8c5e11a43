"""What a worker is told of a rollup."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from storage.partitions import Partition


@dataclass(frozen=True)
class Task:
    """Rollups of `hours` (since the epoch, all of the partition's day) take the place of theirs in
    the `old` files, whose other rows stay.

    `points` and `series` are all files that may have rows of these. `segment` is the last one of
    the log whose points are in files; `replaces` are ids of files that shall count no more.
    """

    id: str
    output: str
    tenant: str
    partition: Partition
    hours: tuple[int, ...]
    points: tuple[str, ...]
    series: tuple[str, ...]
    old: tuple[str, ...]
    replaces: tuple[str, ...]
    segment: int
    timeout_s: float

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """From `as_json`."""
        lists = ("hours", "points", "series", "old", "replaces")
        values = {**said, "partition": Partition(**said["partition"])}
        return cls(**{**values, **{name: tuple(said[name]) for name in lists}})

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return found
