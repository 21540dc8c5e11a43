"""How a route asks its question: in a thread, for as long as the client is there to hear it."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePath
from typing import Any, Final, TypeVar

import orjson
from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from goldeneye import limits
from query.asking.reader import Reader
from query.asking.window import HOUR_NS, OpenWindow, Window, open_window, window
from query.pool import Cancellation
from query.service import QueryService

# Questions that wait for a worker cost a thread each; those beyond wait in the event loop.
_THREADS: Final = 64
# The header of answers that lack rows, and how many files it names: headers are to be short.
MISSING_FILES: Final = "goldeneye-missing-files"
_NAMED_FILES: Final = 20

Result = TypeVar("Result")


class Parameters(BaseModel):
    """The parameters of a question; one that is not named here is an error."""

    model_config = ConfigDict(extra="forbid")


class WithinTime(Parameters):
    start: str | None = Field(
        None, description="First time: RFC 3339, Unix seconds, or relative (now-1h)."
    )
    end: str | None = Field(None, description="The time before which it ends; as `start`.")

    def window(self, now_ns: int, default_ns: int = HOUR_NS) -> Window:
        """The last `default_ns` by default."""
        return window(self.start, self.end, now_ns, default_ns)

    def open_window(self, now_ns: int) -> OpenWindow:
        """All time by default."""
        return open_window(self.start, self.end, now_ns)


class Page(Parameters):
    limit: int = Field(100, ge=1, le=limits.MAX_LIST_LENGTH, description="Entries of one page.")
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


class Asking:
    """Runs the questions of all routes."""

    def __init__(self, service: QueryService) -> None:
        self.service = service
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="question")

    async def answer(
        self, request: Request, question: Callable[[Reader], Mapping[str, Any]]
    ) -> Response:
        """The question's answer as JSON."""

        def asked(cancellation: Cancellation) -> tuple[bytes, set[str]]:
            reader = Reader(self.service, cancellation)
            found = dict(question(reader))
            if reader.missing_files:
                found["missing_files"] = sorted(reader.missing_files)
            return orjson.dumps(found, default=str), reader.missing_files

        body, missing = await self.run(request, asked)
        return Response(body, media_type="application/json", headers=missing_files(sorted(missing)))

    async def run(self, request: Request, work: Callable[[Cancellation], Result]) -> Result:
        """What `work` returns; where the client goes away before, its queries are ended."""
        cancellation = Cancellation()
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._threads, work, cancellation)
        leaving = asyncio.create_task(_gone(request))
        try:
            either: list[asyncio.Future[Any]] = [running, leaving]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                cancellation.cancel()
            return await running
        except asyncio.CancelledError:
            cancellation.cancel()
            running.add_done_callback(_seen)
            raise
        finally:
            leaving.cancel()


def missing_files(paths: Iterable[str]) -> dict[str, str]:
    """The header that names the files whose rows an answer lacks, in their order."""
    names = [PurePath(path).name for path in paths]
    if not names:
        return {}
    more = len(names) - _NAMED_FILES
    return {MISSING_FILES: ", ".join(names[:_NAMED_FILES]) + (f" and {more} more" * (more > 0))}


def _seen(running: asyncio.Future[Any]) -> None:
    """Nobody waits for what it failed with."""
    if not running.cancelled():
        running.exception()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
