"""Which files to merge next (docs/format.md, "How files are merged")."""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from goldeneye.clock import DAY_NS, HOUR_NS
from goldeneye.limits import MAX_COMBINED_ROWS, MIB
from goldeneye.schemas import DERIVED_FROM, ROLLED_UP
from storage.catalog import CatalogFile
from storage.partitions import DAY_SETTLED_NS, WHOLE_DAY, Partition

# What a merged file should have; files of half as much are left alone.
TARGET_BYTES: Final = 128 * MIB
# Bounds the memory and the time of one merge.
MAX_INPUTS: Final = 64
# So many files of one size are merged also while more may come.
RUN: Final = 8
# An hour that got nothing for so long is merged without waiting for more.
HOUR_SETTLED_NS: Final = 15 * 60 * 10**9
# Files below this count as of one size: they cost the same.
_SMALLEST_BYTES: Final = 64 * 1024


@dataclass(frozen=True)
class Job:
    """Files of one table and tenant that become one file of `partition`, in this order."""

    partition: Partition
    inputs: tuple[CatalogFile, ...]


def jobs(files: Sequence[CatalogFile], now_ns: int) -> Iterator[Job]:
    """What is worth merging now, the oldest days first; `files` in the order of their commits."""
    days: dict[tuple[int, str, str, str], list[CatalogFile]] = defaultdict(list)
    for file in files:
        if file.entry.table not in ROLLED_UP and _share(file) < 0.5:
            key = (file.partition.day, file.entry.table, file.entry.tenant, file.entry.promotion)
            days[key].append(file)
    for (day, *_), small in sorted(days.items(), key=lambda item: item[0]):
        yield from _of_day(day, small, now_ns)


def _of_day(day: int, small: list[CatalogFile], now_ns: int) -> Iterator[Job]:
    """`small` are of one table, tenant and promotion."""
    if _is_settled(small, (day + 1) * DAY_NS, DAY_SETTLED_NS, now_ns):
        ordered = sorted(_worth_it(small), key=lambda file: file.entry.min_time_ns)
        yield from _packed(Partition(day, WHOLE_DAY), ordered)
        return
    hours: dict[int, list[CatalogFile]] = defaultdict(list)
    for file in small:
        hours[file.partition.hour].append(file)
    for hour, found in sorted(hours.items()):
        end_ns = day * DAY_NS + (hour + 1) * HOUR_NS
        if _is_settled(found, end_ns, HOUR_SETTLED_NS, now_ns):
            yield from _packed(Partition(day, hour), _worth_it(found))
        else:
            for tier in _tiers(found):
                yield from _packed(Partition(day, hour), tier)


def _is_settled(files: list[CatalogFile], end_ns: int, quiet_ns: int, now_ns: int) -> bool:
    """Whether nothing more is to be expected."""
    newest_ns = max(file.max_received_ns for file in files)
    return max(end_ns, newest_ns) + quiet_ns < now_ns


def _worth_it(files: list[CatalogFile]) -> list[CatalogFile]:
    """Those that are at most twice as large as all smaller ones together.

    What is merged grows by half at least, however often rows come late; of those that are left
    each is more than twice the sum of the smaller ones, so they are few.
    """
    sizes = sorted(map(_weight, files))
    sums = itertools.accumulate(sizes, initial=0.0)
    pairs = zip(sizes, sums, strict=False)
    largest = max((size for size, less in pairs if size <= 2 * less), default=0.0)
    return [file for file in files if _weight(file) <= largest]


def _weight(file: CatalogFile) -> float:
    return max(_share(file), _SMALLEST_BYTES / TARGET_BYTES)


def _tiers(files: list[CatalogFile]) -> Iterator[list[CatalogFile]]:
    """Runs of files of about one size: so each row is written few times, however many come."""
    tiers: dict[int, list[CatalogFile]] = defaultdict(list)
    for file in files:
        units = max(1, file.entry.size_bytes // _SMALLEST_BYTES)
        tiers[(units.bit_length() - 1) // 3].append(file)
    return (found for _, found in sorted(tiers.items()) if len(found) >= RUN)


def _packed(partition: Partition, files: list[CatalogFile]) -> Iterator[Job]:
    """Neighbours together, as many as fit."""
    taken: list[CatalogFile] = []
    share = 0.0
    for file in files:
        if share + _share(file) > 1 or len(taken) == MAX_INPUTS:
            yield from _job(partition, taken)
            taken, share = [], 0.0
        taken.append(file)
        share += _share(file)
    yield from _job(partition, taken)


def _share(file: CatalogFile) -> float:
    """Of what one merge may have for its input."""
    share = file.entry.size_bytes / TARGET_BYTES
    if file.entry.table in DERIVED_FROM:
        return max(share, file.entry.row_count / MAX_COMBINED_ROWS)
    return share


def _job(partition: Partition, inputs: list[CatalogFile]) -> Iterator[Job]:
    if len(inputs) > 1:
        yield Job(partition, tuple(inputs))
