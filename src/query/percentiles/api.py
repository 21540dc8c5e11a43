"""The route of percentiles."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from goldeneye.errors import InvalidRequest
from query.asking.api import Asking, WithinTime
from query.asking.filters import Written, parse_filter
from query.asking.plain import rfc3339
from query.asking.reader import Reader
from query.asking.span_selection import Kind, Status
from query.percentiles.asked import Method
from query.percentiles.metric import MetricQuestion, metric_percentiles
from query.percentiles.quantiles import parse_quantiles
from query.percentiles.spans import Question, span_percentiles
from query.percentiles.steps import step_of
from query.services.known import require_known

_DEFAULT = ["0.5", "0.9", "0.95", "0.99"]


class PercentilesAsked(WithinTime):
    q: list[str] = Field(_DEFAULT, description="Which: from 0 to 1.", max_length=100)
    service: str | None = None
    operation: str | None = Field(None, description="Only spans of this name.")
    kind: Kind | None = None
    status: Status | None = None
    attribute: Written = Field([], description="`http.response.status_code>=500`, repeated.")
    group_by: str | None = Field(
        None,
        description="service_name, name, kind, status_code, version, or a key of attributes.",
        min_length=1,
    )
    step: str | None = Field(None, description="Length of a step: `1m`, or seconds.")
    value: str | None = Field(
        None, description="A numeric attribute, instead of durations.", min_length=1
    )
    metric: str | None = Field(None, description="A metric, instead of spans.", min_length=1)
    method: Method | None = None


def router(asking: Asking) -> APIRouter:
    """GET /api/v1/percentiles."""
    routes = APIRouter(prefix="/api/v1", tags=["percentiles"])

    @routes.get("/percentiles")
    async def percentiles(
        request: Request, asked: Annotated[PercentilesAsked, Query()]
    ) -> Response:
        """Percentiles of spans' durations, of a numeric attribute, or of a metric."""
        return await asking.answer(request, lambda reader: _answered(reader, asked))

    return routes


def _answered(reader: Reader, asked: PercentilesAsked) -> dict[str, Any]:
    window = asked.window(reader.now_ns)
    quantiles = parse_quantiles(asked.q)
    step = None if asked.step is None else step_of(asked.step, window)
    filters = [parse_filter(one) for one in asked.attribute]
    if asked.metric is None:
        columns = {
            "service_name": asked.service,
            "name": asked.operation,
            "kind": asked.kind,
            "status_code": asked.status,
        }
        equal = {name: value for name, value in columns.items() if value is not None}
        question = Question(
            window,
            quantiles,
            equal,
            filters,
            asked.group_by,
            asked.value,
            step,
            asked.method,
        )
        found = span_percentiles(reader, question)
        if not found:
            require_known(reader, asked.service, asked.operation)
    else:
        _refuse_of_spans(asked)
        found = metric_percentiles(
            reader,
            MetricQuestion(
                window,
                quantiles,
                asked.metric,
                asked.service,
                filters,
                asked.group_by,
                step,
            ),
        )
    times = {"start": rfc3339(window.start_ns), "end": rfc3339(window.end_ns)}
    return {"percentiles": found, **times}


def _refuse_of_spans(asked: PercentilesAsked) -> None:
    for name in ("operation", "kind", "status", "value", "method"):
        if getattr(asked, name) is not None:
            raise InvalidRequest(f"{name}: is of spans, which metric leaves out")
