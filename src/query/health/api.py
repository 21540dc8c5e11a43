"""The routes of health: of one service, and of everything at once."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from query.asking.api import Asking, Parameters
from query.health.service import health

Service = Annotated[str, Path(description="The resource's `service.name`.")]


def router(asking: Asking) -> APIRouter:
    """GET /api/v1/services/{service}/health."""
    routes = APIRouter(prefix="/api/v1", tags=["services"])

    @routes.get("/services/{service}/health")
    async def of_service(
        request: Request, service: Service, asked: Annotated[Parameters, Query()]
    ) -> Response:
        """Whether it is healthy, degraded, unhealthy or silent, why, and its last 24 hours."""
        return await asking.answer(
            request, lambda reader: health(reader, service, asking.service.services_file.entries())
        )

    return routes
