"""Rolls up the hours that are due."""

import sqlite3
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog

from goldeneye.clock import Clock
from goldeneye.telemetry import COMPACTION_FAILURES
from storage.catalog import Catalog, CatalogFile
from storage.compaction.swap import Swap
from storage.compaction.worker_process import MergeFailed, MergeStopped
from storage.partitions import Partition
from storage.rollups.plan import Job, jobs
from storage.rollups.task import Task

log = structlog.get_logger(__name__)
# Points that keep coming late wait no longer than this.
_LONGEST_WAIT_S: Final = 3600.0
# Hours that could not be rolled up are left alone for this long.
_RETRY_S: Final = 3600.0
# 300,000 points a second were seen; a busy machine may be much slower.
_SLOWEST_POINTS_A_SECOND: Final = 30_000
_LEAST_TIMEOUT_S: Final = 600.0


class Roller:
    """Used by one thread."""

    def __init__(self, catalog: Catalog, clock: Clock, swap: Swap, max_age_ns: int) -> None:
        """`max_age_ns` is how long rollups are kept."""
        self._catalog = catalog
        self._clock = clock
        self._swap = swap
        self._max_age_ns = max_age_ns
        self._done: dict[tuple[str, Partition], int] = {}
        self._since_s: dict[tuple[str, Partition], float] = {}
        self._failed_s: dict[tuple[str, Partition], float] = {}

    def rollups(self) -> Iterator[None]:
        """Roll up what is due; yields after each partition."""
        now_ns, files = self._clock.now_ns(), self._catalog.files()
        due = list(jobs(files, now_ns, self._max_age_ns, self._done_until))
        removed = self._catalog.files(removed=True) if due else []
        for job in due:
            key = job.tenant, job.partition
            if not self._may_begin(job):
                continue
            try:
                self._swap.replace("r", partial(_task, job, removed), job.old)
            except MergeStopped:
                return
            except (MergeFailed, OSError, sqlite3.Error) as error:
                self._failed(job, error)
            else:
                self._done[key] = job.segment
                self._since_s.pop(key, None)
                self._failed_s.pop(key, None)
            yield

    def _may_begin(self, job: Job) -> bool:
        """Neither soon after a failure nor, at first, while points still come."""
        key, now_s = (job.tenant, job.partition), self._clock.monotonic_s()
        if not job.is_quiet and self._since_s.setdefault(key, now_s) + _LONGEST_WAIT_S > now_s:
            return False
        return self._failed_s.get(key, -_RETRY_S) + _RETRY_S <= now_s

    def _done_until(self, tenant: str, partition: Partition) -> int:
        return self._done.get((tenant, partition), -1)

    def _failed(self, job: Job, error: Exception) -> None:
        COMPACTION_FAILURES.inc()
        self._failed_s[job.tenant, job.partition] = self._clock.monotonic_s()
        log.error(
            "metrics could not be rolled up; the former rollups stay",
            tenant=job.tenant,
            date=job.partition.date,
            hour=job.partition.hour,
            error=str(error),
        )


def _task(job: Job, removed: Sequence[CatalogFile], id_: str, staged: Path) -> dict[str, Any]:
    """`removed` are files that are to be deleted, of which the folder may still have some."""
    former = [
        file.entry.id
        for file in removed
        if (file.entry.table, file.entry.tenant) == ("metric_rollups", job.tenant)
        and file.partition.day == job.partition.day
    ]
    count = sum(file.entry.row_count for file in (*job.points, *job.old))
    return Task(
        id=id_,
        output=str(staged),
        tenant=job.tenant,
        partition=job.partition,
        hours=job.hours,
        points=tuple(file.entry.path for file in job.points),
        series=tuple(file.entry.path for file in job.series),
        old=tuple(file.entry.path for file in job.old),
        replaces=tuple(sorted({*former, *(file.entry.id for file in job.old)})),
        segment=job.segment,
        timeout_s=_LEAST_TIMEOUT_S + count / _SLOWEST_POINTS_A_SECOND,
    ).as_json()
