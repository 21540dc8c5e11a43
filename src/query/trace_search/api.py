"""The route of the list of traces."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from query.asking.api import Asking, WithinTime
from query.asking.span_selection import SpanSelection
from query.trace_search.search import Order, search
from query.trace_search.wanted import Wanted

_MAX_TRACES = 1_000


class TracesAsked(SpanSelection, WithinTime):
    order: Order = Field("newest", description="By the trace's start, or by its duration.")
    limit: int = Field(20, ge=1, le=_MAX_TRACES, description="Traces of one page.")
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


def router(asking: Asking) -> APIRouter:
    """GET /api/v1/traces."""
    routes = APIRouter(prefix="/api/v1", tags=["Traces"])

    @routes.get("/traces", response_class=Response)
    async def traces(request: Request, asked: Annotated[TracesAsked, Query()]) -> Response:
        """Traces that have a span like that, newest or slowest first."""
        now_ns = asking.service.now_ns()
        wanted = Wanted(asked.matching(), asked.of_parts())
        within = asked.open_window(now_ns)
        written = asked.model_dump(exclude={"limit", "cursor"})
        return await asking.answer(
            request,
            lambda reader: search(
                reader, wanted, within, asked.order, asked.limit, asked.cursor, written
            ),
        )

    return routes
