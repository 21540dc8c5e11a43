"""What a worker's words, silence or end mean for its query: the expected errors."""

import signal
from collections.abc import Mapping
from typing import Any, Final

import structlog

from goldeneye import limits
from goldeneye.errors import (
    GoldeneyeError,
    QueryFailed,
    QueryLate,
    QueryOverBudget,
    QueryRefused,
    StorageUnavailable,
)
from query.damage import damaged
from query.promql.errors import PromqlError, Reported
from query.settings import QuerySettings
from query.worker_process import WorkerDied

log = structlog.get_logger(__name__)

# After these the worker's memory is not to be trusted.
HARMFUL: Final = frozenset({"memory", "internal", "damaged"})
# A failed allocation where DuckDB has no way back; the kernel's own last resort.
_MEMORY_SIGNALS: Final = frozenset({signal.SIGABRT, signal.SIGKILL, signal.SIGBUS})


def over_time(settings: QuerySettings) -> QueryLate:
    return QueryLate(f"the query took longer than {settings.timeout_s:g} s (query.timeout_s)")


def failure(reply: Mapping[str, Any], settings: QuerySettings) -> GoldeneyeError | PromqlError:
    """The error that the worker's words stand for (worker/__main__.py)."""
    kind, message = reply["error"], reply["message"]
    if kind == "promql":
        return Reported(reply["kind"], message)
    if kind == "refused":
        return QueryRefused(message)
    if kind == "memory":
        return over_memory(settings)
    if kind == "answer_size":
        limit_mib = settings.memory_limit_bytes // limits.MIB
        return QueryOverBudget(
            f"the answer is larger than {limit_mib} MiB (query.memory_limit_mib): ask for fewer "
            "rows or columns"
        )
    if kind == "damaged":
        return damaged(reply["files"])
    if kind == "data":
        log.error("data cannot be read", error=message)
        return StorageUnavailable(f"data cannot be read: {message}")
    return QueryFailed(message)


def over_memory(settings: QuerySettings) -> QueryOverBudget:
    limit_mib = settings.memory_limit_bytes // limits.MIB
    return QueryOverBudget(f"the query needs more than {limit_mib} MiB (query.memory_limit_mib)")


def death(error: WorkerDied, settings: QuerySettings) -> Exception:
    """What a worker's end by itself means for its query."""
    log.warning("a query ended its worker", error=str(error))
    if -error.returncode in _MEMORY_SIGNALS:
        return over_memory(settings)
    if error.returncode == -signal.SIGSEGV:
        return QueryFailed("the query is nested too deeply, or otherwise beyond what DuckDB takes")
    return RuntimeError(str(error))
