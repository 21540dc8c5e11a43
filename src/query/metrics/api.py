"""The routes of metrics: all of them, and what the values of one are like."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from goldeneye.cursor import decode_cursor, encode_cursor
from query.asking.api import Asking, Page, WithinTime
from query.asking.filters import Written, parse_filter
from query.asking.plain import rfc3339
from query.asking.reader import Reader
from query.metrics.analysis import Analysed, Of, analysis
from query.metrics.catalogue import catalogue, position
from query.percentiles.quantiles import parse_quantiles


class CatalogueAsked(WithinTime, Page):
    service: str | None = Field(None, description="Only metrics of this service.")
    contains: str | None = Field(None, description="Only those whose name has this in it.")


class AnalysisAsked(WithinTime):
    service: str | None = Field(None, description="Only its series of this service.")
    attribute: Written = Field([], description="`host.name=a`, repeated.")
    q: list[str] = Field(["0.5", "0.9", "0.95", "0.99"], max_length=100)
    of: Of | None = Field(None, description="What of each point; chosen by the metric's type.")


def router(asking: Asking) -> APIRouter:
    """GET /api/v1/metrics, and the analysis of one."""
    routes = APIRouter(prefix="/api/v1/metrics", tags=["metrics"])

    @routes.get("")
    async def metrics(request: Request, asked: Annotated[CatalogueAsked, Query()]) -> Response:
        """Each metric, with its type and unit, how many series it has, and whose they are."""
        return await asking.answer(request, lambda reader: _listed(reader, asked))

    @routes.get("/{name:path}/analysis")
    async def analysed(
        request: Request,
        name: Annotated[str, Path(description="The metric's name.")],
        asked: Annotated[AnalysisAsked, Query()],
    ) -> Response:
        """Mean, spread, percentiles, trend and outliers of a metric's values."""
        return await asking.answer(request, lambda reader: _analysed(reader, name, asked))

    return routes


def _listed(reader: Reader, asked: CatalogueAsked) -> dict[str, Any]:
    described = asked.model_dump(exclude={"limit", "cursor"})
    after = None if asked.cursor is None else decode_cursor(asked.cursor, described)
    window = asked.open_window(reader.now_ns)
    found = catalogue(reader, window, asked.service, asked.contains, after, asked.limit + 1)
    shown = found[: asked.limit]
    more = {}
    if len(shown) < len(found):
        more["next_cursor"] = encode_cursor(position(shown[-1]), described)
    return {"metrics": shown, **more}


def _analysed(reader: Reader, name: str, asked: AnalysisAsked) -> dict[str, Any]:
    window = asked.window(reader.now_ns)
    quantiles = parse_quantiles(asked.q)
    filters = [parse_filter(one) for one in asked.attribute]
    written = (quantiles.written, quantiles.numbers)
    found = analysis(reader, Analysed(name, window, written, asked.service, filters, asked.of))
    return {**found, "start": rfc3339(window.start_ns), "end": rfc3339(window.end_ns)}
