"""The routes of log records."""

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from query.asking.api import Asking, Page, Parameters, WithinTime
from query.asking.filters import Written
from query.asking.reader import Reader
from query.logs.histogram import chosen_step, histogram
from query.logs.patterns import patterns
from query.logs.search import LogSearch, Order, search
from query.logs.selection import Case, Selection
from query.logs.tailing import Tails
from query.percentiles.steps import step_of

_ORDERS: dict[str, Order] = {
    "newest": "newest",
    "desc": "newest",
    "oldest": "oldest",
    "asc": "oldest",
}


class Selecting(Parameters):
    """Which records."""

    query: str = Field("", description='Such as `timeout -retry "no answer" severity>=warn`.')
    service: str | None = Field(None, description="`service_name`, exactly.")
    min_severity: str | None = Field(None, description="`warn` and its like, or 1 to 24.")
    trace_id: str | None = None
    span_id: str | None = None
    attribute: Written = Field([], description="Filters of attributes; all must match.")
    case: Case = Field("insensitive", description="Of words and phrases.")

    def selection(self) -> Selection:
        return Selection(
            self.query,
            self.service,
            self.min_severity,
            self.trace_id,
            self.span_id,
            self.attribute,
            self.case,
        )


class Searching(Selecting, WithinTime, Page):
    order: Literal["newest", "oldest", "desc", "asc"] = "newest"


def log_search(asked: Searching, now_ns: int) -> LogSearch:
    """Raises InvalidRequest."""
    return LogSearch(
        asked.selection(),
        asked.open_window(now_ns),
        _ORDERS[asked.order],
        asked.limit,
        asked.cursor,
        {"start": asked.start, "end": asked.end},
    )


class Counting(Selecting, WithinTime):
    step: str | None = Field(None, description="Length of a bucket: `1m`, or seconds.")


class Mining(Selecting, WithinTime):
    limit: int = Field(50, ge=1, le=1_000, description="Patterns, the most frequent ones.")


def router(asking: Asking) -> APIRouter:
    """GET /api/v1/logs and what is below it."""
    routes, tails = APIRouter(prefix="/api/v1/logs", tags=["logs"]), Tails(asking.service)

    @routes.get("", response_class=Response)
    async def logs(request: Request, asked: Annotated[Searching, Query()]) -> Response:
        """Log records that match, newest first."""
        return await asking.answer(
            request,
            lambda reader: search(reader, log_search(asked, reader.now_ns)),
        )

    @routes.get("/histogram", response_class=Response)
    async def log_histogram(request: Request, asked: Annotated[Counting, Query()]) -> Response:
        """Counts of log records over time, by level; the last hour by default."""

        def question(reader: Reader) -> dict[str, Any]:
            window = asked.window(reader.now_ns)
            step = step_of(asked.step or chosen_step(window), window)
            return histogram(reader, asked.selection(), window, step)

        return await asking.answer(request, question)

    @routes.get("/patterns", response_class=Response)
    async def log_patterns(request: Request, asked: Annotated[Mining, Query()]) -> Response:
        """The kinds of lines there are, from a sample; those of the last hour by default."""
        return await asking.answer(
            request,
            lambda reader: patterns(
                reader, asked.selection(), asked.window(reader.now_ns), asked.limit
            ),
        )

    @routes.get("/tail", response_class=Response, responses=_TAIL)
    async def tail(request: Request, asked: Annotated[Selecting, Query()]) -> Response:
        """Log records that match as they arrive, until the client goes: server-sent events."""
        run = partial(asking.run, request)
        stream = tails.stream(asked.selection().condition(), run, request.scope)
        return StreamingResponse(stream, media_type="text/event-stream", headers=_UNBUFFERED)

    return routes


_UNBUFFERED = {"cache-control": "no-store", "x-accel-buffering": "no"}
_TAIL: dict[int | str, dict[str, Any]] = {
    200: {"description": "Events `log` and `skipped`.", "content": {"text/event-stream": {}}},
    503: {"description": "Too many clients do this already."},
}
