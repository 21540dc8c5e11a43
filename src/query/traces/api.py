"""The routes of traces."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Path, Query, Request, Response
from pydantic import Field

from query.asking.api import Asking, Parameters
from query.asking.reader import Reader
from query.traces.lookup import lookup
from query.traces.otlp import traces_data
from query.traces.wanted import Form, skew_ns, wanted_form
from query.traces.whole import whole


class TraceParameters(Parameters):
    format: Form | None = Field(
        None, description="`json`, or `otlp` for OTLP JSON; before what Accept says."
    )
    max_clock_skew: str = Field(
        "1s", description="Clocks are adjusted by at most so much, such as 500ms; 0 for not at all."
    )


def router(asking: Asking) -> APIRouter:
    """GET /api/v1/traces/{trace_id}."""
    routes = APIRouter(prefix="/api/v1", tags=["traces"])

    @routes.get("/traces/{trace_id}", responses=_RESPONSES)
    async def trace(
        request: Request,
        trace_id: Annotated[str, Path(description="32 hexadecimal digits.")],
        asked: Annotated[TraceParameters, Query()],
        accept: Annotated[str | None, Header()] = None,
    ) -> Response:
        """One trace: its spans as trees, and its logs; or its spans as OTLP JSON."""
        form = wanted_form(asked.format, accept)
        max_clock_skew_ns = skew_ns(asked.max_clock_skew)

        def question(reader: Reader) -> Mapping[str, Any]:
            if form == "otlp":
                return traces_data(lookup(reader, trace_id, with_logs=False).spans)
            return whole(lookup(reader, trace_id), max_clock_skew_ns)

        return await asking.answer(request, question)

    return routes


_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    400: {"description": "That is no trace id, or a parameter is wrong."},
    404: {"description": "There are no spans of this trace."},
}
