"""The routes of critical paths: one trace's, and those of many requests to one entry point."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from goldeneye import limits
from query.asking.api import Asking, Parameters, WithinTime
from query.bottlenecks.baseline import Baseline, baseline_selection
from query.bottlenecks.many_traces import Bounds, Selection, bottlenecks
from query.bottlenecks.one_trace import critical_path
from query.bottlenecks.statement import DEFAULT_MAX_TRACES
from query.services.known import require_known

Tolerance = Annotated[
    float,
    Field(
        ge=0,
        lt=1,
        description="Siblings that overlap by up to this fraction of their parent's time count as "
        "one after the other.",
    ),
]


class PathParameters(Parameters):
    tolerance: Tolerance = 0.0


class BottleneckParameters(WithinTime):
    service: str | None = Field(None, description="The service of the entry spans.")
    operation: str | None = Field(None, description="The name of the entry spans.")
    version: str | None = Field(None, description="Their resource's service.version.")
    max_traces: int = Field(
        DEFAULT_MAX_TRACES,
        ge=1,
        le=limits.MAX_TRACES_EXAMINED,
        description="More than these are sampled by a hash of their ids.",
    )
    baseline_start: str | None = Field(None, description="As `start`, of what is compared with.")
    baseline_end: str | None = Field(None, description="As `end`, of what is compared with.")
    baseline_version: str | None = Field(None, description="The release that is compared with.")
    tolerance: Tolerance = 0.0


def router(asking: Asking) -> APIRouter:
    """GET /api/v1/traces/{trace_id}/critical-path and GET /api/v1/bottlenecks."""
    routes = APIRouter(prefix="/api/v1", tags=["bottlenecks"])

    @routes.get("/traces/{trace_id}/critical-path", responses=_RESPONSES)
    async def path(
        request: Request,
        trace_id: Annotated[str, Path(description="32 hexadecimal digits.")],
        asked: Annotated[PathParameters, Query()],
    ) -> Response:
        """Which span kept a trace's root waiting, at each moment of its time."""
        return await asking.answer(
            request, lambda reader: critical_path(reader, trace_id, asked.tolerance)
        )

    @routes.get("/bottlenecks")
    async def many(request: Request, asked: Annotated[BottleneckParameters, Query()]) -> Response:
        """What keeps requests to one entry point waiting: shares of their critical paths."""

        def question(reader: Any) -> dict[str, Any]:
            now_ns = reader.now_ns
            given = (asked.service, asked.operation, asked.version)
            selection = Selection(asked.window(now_ns), *given)
            against = Baseline(asked.baseline_start, asked.baseline_end, asked.baseline_version)
            baseline = baseline_selection(against, selection, now_ns)
            bounds = Bounds(asked.max_traces, asked.tolerance)
            found = bottlenecks(reader, selection, bounds, baseline)
            if not found["traces_total"]:
                require_known(reader, asked.service, asked.operation)
            return found

        return await asking.answer(request, question)

    return routes


_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    400: {"description": "That is no trace id, or a parameter is wrong."},
    404: {"description": "There are no spans of this trace."},
}
