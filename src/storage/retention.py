"""Which files have had their time, or their space (docs/format.md)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from goldeneye.clock import DAY_NS
from storage.catalog import CatalogFile

_SERIES: Final = "metric_series"
_OF_SERIES: Final = ("metric_points", "metric_rollups")


@dataclass(frozen=True)
class Retention:
    """How long each table's rows are kept after their receipt, and how much all files may take."""

    max_age_ns: Mapping[str, int]
    max_total_bytes: int | None


def due(files: Sequence[CatalogFile], retention: Retention, now_ns: int) -> list[CatalogFile]:
    """The files to delete, oldest first.

    A file goes when its last row is too old, and the oldest go while all take too much. Series go
    with the last points and rollups of their days: without them those would say nothing.
    """
    rows = sorted(
        (file for file in files if file.entry.table != _SERIES),
        key=lambda file: file.max_received_ns,
    )
    series = [file for file in files if file.entry.table == _SERIES]
    total_bytes = sum(file.entry.size_bytes for file in files)
    gone: list[CatalogFile] = []
    kept: list[CatalogFile] = []
    for file in rows:
        age_ns = now_ns - file.max_received_ns
        is_too_much = (
            retention.max_total_bytes is not None and total_bytes > retention.max_total_bytes
        )
        if is_too_much or age_ns > retention.max_age_ns[file.entry.table]:
            gone.append(file)
            total_bytes -= file.entry.size_bytes
        else:
            kept.append(file)
    return gone + _without_points(series, kept)


def _without_points(
    series: Iterable[CatalogFile], kept: Iterable[CatalogFile]
) -> list[CatalogFile]:
    """Series files of days of which no points are left, nor rollups of them."""
    days = {
        (file.entry.tenant, day)
        for file in kept
        if file.entry.table in _OF_SERIES
        for day in range(file.entry.min_time_ns // DAY_NS, file.entry.max_time_ns // DAY_NS + 1)
    }
    return [
        file
        for file in series
        if not any((file.entry.tenant, day) in days for day in days_of_series(file))
    ]


def days_of_series(file: CatalogFile) -> range:
    """The days of a series file's rows."""
    return range(file.entry.min_time_ns // DAY_NS, file.entry.max_time_ns // DAY_NS + 1)
