"""The route of SQL that users write."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
)

from goldeneye import limits
from goldeneye.errors import RequestTooLarge
from query.asking.api import Asking, missing_files
from query.asking.window import open_window
from query.raw_sql.accept import chosen_format
from query.service import MEDIA_TYPES, SqlAnswer, SqlQuery

_CHUNK_BYTES: Final = 256 * limits.KIB


class SqlRequest(BaseModel):
    """The body of POST /api/v1/sql."""

    model_config = ConfigDict(extra="forbid")

    sql: str = Field(description="One statement that reads.")
    params: list[Any] | dict[str, Any] | None = Field(
        default=None, description="Values of `?` and `$1` by position, or of `$name` by name."
    )
    start: StrictStr | StrictInt | StrictFloat | None = Field(
        default=None, description="The tables' first time: RFC 3339, Unix seconds, or now-1h."
    )
    end: StrictStr | StrictInt | StrictFloat | None = Field(
        default=None, description="The time before which the tables end; as `start`."
    )


def router(asking: Asking) -> APIRouter:
    """POST /api/v1/sql."""
    routes = APIRouter(prefix="/api/v1", tags=["SQL"])

    @routes.post("/sql", response_class=Response, responses=_RESPONSES, openapi_extra=_BODY)
    async def sql(
        request: Request, accept: Annotated[str | None, Header()] = None
    ) -> StreamingResponse:
        """Run one SQL statement that reads, in a sandbox, over all data or a range of time."""
        asked = _parse(await _body(request))
        window = open_window(asked.start, asked.end, asking.service.now_ns())
        query = SqlQuery(
            sql=asked.sql,
            params=asked.params,
            start_ns=window.start_ns,
            end_ns=window.end_ns,
            format=chosen_format(accept),
        )
        answer = await asking.run(request, lambda leaving: asking.service.run(query, leaving))
        headers = {
            "content-length": str(answer.size_bytes),
            **missing_files(answer.missing_files),
        }
        return StreamingResponse(_chunks(answer), media_type=answer.media_type, headers=headers)

    return routes


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
