"""The route of the service map."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from query.asking.api import Asking, WithinTime
from query.service_map.map import service_map


class OfService(WithinTime):
    service: str | None = Field(None, description="Only this one and its neighbours.")


def router(asking: Asking) -> APIRouter:
    """GET /api/v1/service-map."""
    routes = APIRouter(prefix="/api/v1", tags=["services"])

    @routes.get("/service-map")
    async def graph(request: Request, asked: Annotated[OfService, Query()]) -> Response:
        """Who calls whom: rate, errors and latency of each edge, seen from both sides."""
        return await asking.answer(
            request,
            lambda reader: service_map(reader, asked.window(reader.now_ns), asked.service),
        )

    return routes
