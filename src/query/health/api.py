"""The routes of health: of one service, and of everything at once."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from goldeneye import limits
from query.asking.api import Asking, Parameters
from query.health.activity import memory
from query.health.overview import overview
from query.health.service import health

Service = Annotated[str, Path(description="The resource's `service.name`.")]


class OfAll(Parameters):
    limit: int = Field(
        100, ge=1, le=limits.MAX_LIST_LENGTH, description="Services listed, the worst first."
    )


def router(asking: Asking) -> APIRouter:
    """GET /api/v1/services/{service}/health and /api/v1/overview."""
    routes = APIRouter(prefix="/api/v1", tags=["services"])
    remembered = memory()

    @routes.get("/services/{service:path}/health")
    async def of_service(
        request: Request, service: Service, asked: Annotated[Parameters, Query()]
    ) -> Response:
        """Whether it is healthy, degraded, unhealthy or silent, why, and its last 24 hours."""
        return await asking.answer(
            request, lambda reader: health(reader, service, asking.service.services_file.entries())
        )

    @routes.get("/overview")
    async def of_everything(request: Request, asked: Annotated[OfAll, Query()]) -> Response:
        """Rates, errors and logs of the last hour, and which services are unwell."""
        said = asking.service.services_file
        return await asking.answer(
            request, lambda reader: overview(reader, said.entries(), remembered, asked.limit)
        )

    return routes
