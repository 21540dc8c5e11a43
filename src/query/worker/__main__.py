"""`python -I -m query.worker FD`: serves the channel at descriptor FD until it closes.

The first message is the configuration; the answer says what protects. Then pairs of messages: a
query to prepare, answered by what it reads or an error; and where it was no error, the job with
the descriptors of the answer's file and of the hot rows, answered by what was written. Questions
of Prometheus's API go the same way. Statements of our own, which say what they read, come as a
job at once.
"""

import contextlib
import errno
import json
import os
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

import duckdb
import pyarrow as pa

from goldeneye import limits
from goldeneye.errors import QueryFailed, QueryRefused
from goldeneye.schemas import PromotedKeys
from query.channel import Channel, Closed
from query.promql.errors import PromqlError
from query.promql.labels import readable
from query.worker import sandbox
from query.worker.rehearsal import rehearse
from query.worker.session import Session
from query.worker.suspects import FilesDamaged, damaged_files

# Memory that DuckDB does not count: stacks, allocators' caches, what the answer is made in.
_UNCOUNTED_BYTES: Final = 256 * limits.MIB
# They tell label sets, and the whole of a query.
_MAX_PROMQL_ERROR_CHARS: Final = 100_000
_Prepare = Callable[[Mapping[str, Any]], dict[str, Any]]
_Work = Callable[[dict[str, Any], list[int], BinaryIO], dict[str, Any]]


class Worker:
    """The worker's side of the channel."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        start, _ = channel.receive()
        sandbox.die_with_parent(start["parent_pid"])
        sandbox.ignore_signals()
        self._memory_bytes: int = start["memory_limit_bytes"]
        promoted = PromotedKeys(start["attributes"], start["resource_attributes"])
        self._session = Session(self._memory_bytes, promoted)
        rehearse(self._session)
        protection = sandbox.confine([Path(start["files_dir"])])
        sandbox.limit_answer(start["max_answer_bytes"])
        self._session.lock(Path(start["files_dir"]), start["threads"], start["unchecked"])
        channel.send({"protection": protection})

    def serve(self) -> None:
        """Answer one query after the other until the channel closes."""
        while True:
            query, fds = self._channel.receive()
            if "statements" in query:
                self._carry_out(query, fds, self._session.read)
                self._session.end()
                continue
            if "promql" in query:
                self._two_steps(query, self._session.prepare_promql, self._session.answer_promql)
                continue
            # Not by orjson, for which integers end at 64 bits.
            query["params"] = json.loads(query["params"])
            self._two_steps(query, self._session.prepare, self._session.run)

    def _two_steps(self, query: dict[str, Any], prepare: _Prepare, run: _Work) -> None:
        def prepared() -> dict[str, Any]:
            sandbox.limit_memory(self._memory_bytes + _UNCOUNTED_BYTES)
            return prepare(query)

        reply = self._attempt(prepared)
        self._channel.send(reply)
        if "error" not in reply:
            job, fds = self._channel.receive()
            self._carry_out({**query, **job}, fds, run)
        self._session.end()

    def _carry_out(self, job: dict[str, Any], fds: list[int], work: _Work) -> None:
        try:
            reply = self._attempt(lambda: self._bounded(job, fds[0], fds[1:], work))
        finally:
            for fd in fds:
                os.close(fd)
        self._channel.send(reply)

    def _bounded(self, job: Any, answer: int, hot: list[int], work: _Work) -> dict[str, Any]:
        mapped = sum(os.fstat(fd).st_size for fd in hot)
        sandbox.limit_memory(self._memory_bytes + _UNCOUNTED_BYTES + mapped)
        with open(answer, "wb", closefd=False) as file:
            try:
                return work(job, hot, file)
            except duckdb.Error as error:
                if files := damaged_files(error, job["tables"]):
                    raise FilesDamaged(files) from error
                raise

    def _attempt(self, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        try:
            return work()
        except PromqlError as error:
            message = readable(str(error)[:_MAX_PROMQL_ERROR_CHARS])
            return {"error": "promql", "kind": error.kind, "message": message}
        except Exception as error:
            kind = _kind(error)
            if kind is None:
                raise
            message = str(error)[: limits.MAX_ERROR_MESSAGE_CHARS]
            return {"error": kind, "message": message, "files": getattr(error, "files", [])}


def _kind(error: Exception) -> str | None:
    """The word for it in service.py's table; None where it is a defect of ours."""
    for kind, classes in _KINDS.items():
        if isinstance(error, classes) or (
            kind == "memory" and isinstance(error.__cause__, classes)
        ):
            return kind
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return "answer_size"
    return None


_KINDS: Final[Mapping[str, tuple[type[Exception], ...]]] = {
    "refused": (QueryRefused, duckdb.PermissionException),
    "memory": (duckdb.OutOfMemoryException, MemoryError, pa.ArrowMemoryError),
    "damaged": (FilesDamaged,),
    "data": (duckdb.IOException,),
    "internal": (duckdb.InternalException, duckdb.FatalException),
    "failed": (QueryFailed, duckdb.Error, pa.ArrowException),
}


def main() -> None:
    channel = Channel(socket.socket(fileno=int(sys.argv[1])), limits.MAX_QUERY_JOB_BYTES)
    with contextlib.suppress(Closed):
        Worker(channel).serve()


main()
