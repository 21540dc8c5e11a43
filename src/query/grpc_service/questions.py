"""What each method does, for one request, in a thread."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from goldeneye import limits
from goldeneye.errors import InvalidRequest
from query.asking.reader import Reader
from query.asking.window import open_window
from query.grpc_service.messages import asked, found_logs, found_traces, traces_data
from query.grpc_service.proto.goldeneye.query.v1 import query_pb2
from query.logs.api import Searching, log_search
from query.logs.search import search as search_logs_
from query.pool import Cancellation
from query.service import QueryService, SqlAnswer, SqlQuery
from query.trace_search.api import TracesAsked
from query.trace_search.search import search as search_traces_
from query.trace_search.wanted import Wanted
from query.traces.lookup import lookup
from query.traces.otlp import traces_data as otlp_json

_CHUNK_BYTES: Final = 256 * limits.KIB
Asked = TypeVar("Asked", bound=BaseModel)


def run_sql(service: QueryService, request: Any, cancellation: Cancellation) -> SqlAnswer:
    """The answer as an Arrow stream."""
    start, end = (
        getattr(request, name) if request.HasField(name) else None for name in ("start", "end")
    )
    window = open_window(start, end, service.now_ns())
    params = _params(request.params_json)
    return service.run(SqlQuery(request.sql, params, *window, "arrow"), cancellation)


def pieces(answer: SqlAnswer) -> Iterator[Any]:
    """SqlResponse messages: the stream, then the facts."""
    for offset in range(0, answer.size_bytes, _CHUNK_BYTES):
        yield query_pb2.SqlResponse(arrow=answer.read(offset, _CHUNK_BYTES))
    facts = query_pb2.SqlFacts(
        row_count=answer.row_count,
        elapsed_ms=answer.elapsed_ms,
        truncated=answer.truncated,
        files_read=answer.files_read,
        missing_files=answer.missing_files,
    )
    yield query_pb2.SqlResponse(facts=facts)


def get_trace(service: QueryService, request: Any, cancellation: Cancellation) -> Any:
    reader = Reader(service, cancellation)
    spans = lookup(reader, request.trace_id, with_logs=False).spans
    return query_pb2.GetTraceResponse(
        traces_data=traces_data(otlp_json(spans)), missing_files=sorted(reader.missing_files)
    )


def search_traces(service: QueryService, request: Any, cancellation: Cancellation) -> Any:
    reader, given = Reader(service, cancellation), _checked(TracesAsked, asked(request))
    answer = search_traces_(
        reader,
        Wanted(given.matching(), given.of_parts()),
        given.open_window(reader.now_ns),
        given.order,
        given.limit,
        given.cursor,
        given.model_dump(exclude={"limit", "cursor"}),
    )
    return found_traces(answer, reader.missing_files)


def search_logs(service: QueryService, request: Any, cancellation: Cancellation) -> Any:
    reader, given = Reader(service, cancellation), _checked(Searching, asked(request))
    answer = search_logs_(reader, log_search(given, reader.now_ns))
    return found_logs(answer, reader.missing_files)


def _params(text: str) -> list[Any] | dict[str, Any] | None:
    if not text:
        return None
    try:
        params = json.loads(text)
    except ValueError as error:
        raise InvalidRequest(f"params_json: {error}") from error
    if not isinstance(params, list | dict):
        raise InvalidRequest("params_json: must be a list or an object")
    return params


def _checked(model: type[Asked], values: Mapping[str, Any]) -> Asked:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        said = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()
        )
        raise InvalidRequest(said) from error
