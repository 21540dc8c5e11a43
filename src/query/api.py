"""The HTTP routes of the query layer."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePath
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from goldeneye import limits
from goldeneye.errors import RequestTooLarge
from query.accept import chosen_format
from query.pool import Cancellation
from query.service import MEDIA_TYPES, QueryService, SqlAnswer, SqlQuery
from query.times import parse_time

_CHUNK_BYTES: Final = 256 * limits.KIB
# Queries that wait for a worker cost a thread each; those beyond wait in the event loop.
_THREADS: Final = 64
# The header of answers that lack rows, and how many files it names: headers are to be short.
MISSING_FILES: Final = "goldeneye-missing-files"
_NAMED_FILES: Final = 20


class SqlRequest(BaseModel):
    """The body of POST /api/v1/sql."""

    model_config = ConfigDict(extra="forbid")

    sql: str = Field(description="One statement that reads.")
    params: list[Any] | dict[str, Any] | None = Field(
        default=None, description="Values of `?` and `$1` by position, or of `$name` by name."
    )
    start: str | int | float | None = Field(
        default=None, description="The tables' first time: RFC 3339, Unix seconds, or now-1h."
    )
    end: str | int | float | None = Field(
        default=None, description="The time before which the tables end; as `start`."
    )


def router(service: QueryService) -> APIRouter:
    """POST /api/v1/sql."""
    routes = APIRouter(prefix="/api/v1", tags=["SQL"])
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="sql")

    @routes.post("/sql", response_class=Response, responses=_RESPONSES, openapi_extra=_BODY)
    async def sql(
        request: Request, accept: Annotated[str | None, Header()] = None
    ) -> StreamingResponse:
        """Run one SQL statement that reads, in a sandbox, over all data or a range of time."""
        asked = _parse(await _body(request))
        now_ns = service.now_ns()
        query = SqlQuery(
            sql=asked.sql,
            params=asked.params,
            start_ns=None if asked.start is None else parse_time(asked.start, now_ns),
            end_ns=None if asked.end is None else parse_time(asked.end, now_ns),
            format=chosen_format(accept),
        )
        answer = await _run(service, threads, query, request)
        headers = {"content-length": str(answer.size_bytes), **_warning(answer)}
        return StreamingResponse(_chunks(answer), media_type=answer.media_type, headers=headers)

    return routes


def _warning(answer: SqlAnswer) -> dict[str, str]:
    """Names the files whose rows the answer lacks; in JSON it has their paths itself."""
    names = [PurePath(path).name for path in answer.missing_files]
    if not names:
        return {}
    more = len(names) - _NAMED_FILES
    return {MISSING_FILES: ", ".join(names[:_NAMED_FILES]) + (f" and {more} more" * (more > 0))}


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limits.MAX_QUERY_BODY_BYTES:
            raise RequestTooLarge(
                f"the body is larger than {limits.MAX_QUERY_BODY_BYTES // limits.MIB} MiB"
            )
    return bytes(body)


def _parse(body: bytes) -> SqlRequest:
    try:
        return SqlRequest.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False)) from error


async def _run(
    service: QueryService, threads: ThreadPoolExecutor, query: SqlQuery, request: Request
) -> SqlAnswer:
    """The answer; where the client goes away before it is there, the query is ended."""
    cancellation = Cancellation()
    loop = asyncio.get_running_loop()
    running = loop.run_in_executor(threads, service.run, query, cancellation)
    leaving = asyncio.create_task(_gone(request))
    try:
        either: list[asyncio.Future[Any]] = [running, leaving]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            cancellation.cancel()
        return await running
    except asyncio.CancelledError:
        cancellation.cancel()
        raise
    finally:
        leaving.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _chunks(answer: SqlAnswer) -> AsyncIterator[bytes]:
    with answer:
        for offset in range(0, answer.size_bytes, _CHUNK_BYTES):
            yield answer.read(offset, _CHUNK_BYTES)


_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The rows, in the form that Accept asks for; JSON by default.",
        "content": {media_type.split(";")[0]: {} for media_type in MEDIA_TYPES.values()},
    },
    400: {"description": "The statement may not run here."},
    413: {"description": "The body is too large."},
    422: {
        "description": "The statement cannot be carried out, exceeds its limits, or needs a file "
        "that is damaged."
    },
    503: {"description": "All workers are busy, or the data cannot be read just now."},
}
_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": SqlRequest.model_json_schema()}},
    }
}
