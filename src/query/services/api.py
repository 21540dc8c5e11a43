"""The routes of services: all of them, and the operations and the series of one."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from query.asking.api import Asking, Page, WithinTime
from query.asking.span_selection import Kind
from query.percentiles.asked import Method
from query.services.baseline import baseline
from query.services.grouped import Ranges
from query.services.listing import by_service
from query.services.listing import services as all_services
from query.services.operations import by_operation
from query.services.operations import operations as all_operations
from query.services.pages import paged
from query.services.series import series as series_of

Service = Annotated[str, Path(description="The resource's `service.name`.")]


class InRanges(WithinTime):
    compare: str | None = Field(
        None, description="How much earlier the range is that this one is compared with: `1d`."
    )
    baseline_start: str | None = Field(None, description="Or its first time.")
    baseline_end: str | None = Field(None, description="And the time before which it ends.")
    method: Method | None = Field(
        None, description="`exact` from spans, `bucketed` from rollups; chosen by default."
    )

    def ranges(self, now_ns: int) -> Ranges:
        window = self.window(now_ns)
        compared = baseline(window, now_ns, self.compare, self.baseline_start, self.baseline_end)
        return Ranges(window, compared, self.method)


class ListOfRanges(InRanges, Page):
    pass


class InSteps(InRanges):
    step: str | None = Field(None, description="Length of a step: `1m`, or seconds.")
    operation: str | None = Field(None, description="Only spans of this name.")
    kind: Kind | None = Field(None, description="Only spans of this kind.")


def router(asking: Asking) -> APIRouter:
    """GET /api/v1/services, and what lies below a service."""
    routes = APIRouter(prefix="/api/v1/services", tags=["services"])
    _add_lists(routes, asking)
    _add_series(routes, asking)
    return routes


def _add_lists(routes: APIRouter, asking: Asking) -> None:
    @routes.get("")
    async def services(request: Request, asked: Annotated[ListOfRanges, Query()]) -> Response:
        """Rate, errors and durations of each service's requests, and what is known of it."""
        return await asking.answer(
            request,
            lambda reader: paged(
                all_services(
                    reader, asked.ranges(reader.now_ns), asking.service.services_file.entries()
                ),
                "services",
                asked,
                by_service,
            ),
        )

    @routes.get("/{service:path}/operations")
    async def operations(
        request: Request, service: Service, asked: Annotated[ListOfRanges, Query()]
    ) -> Response:
        """Rate, errors and durations of each name and kind of a service's spans."""
        return await asking.answer(
            request,
            lambda reader: paged(
                all_operations(reader, service, asked.ranges(reader.now_ns)),
                "operations",
                asked,
                by_operation,
            ),
        )


def _add_series(routes: APIRouter, asking: Asking) -> None:
    @routes.get("/{service:path}/series")
    async def series(
        request: Request, service: Service, asked: Annotated[InSteps, Query()]
    ) -> Response:
        """Rate, errors and durations of a service's requests, or of one operation, in steps."""
        return await asking.answer(
            request,
            lambda reader: series_of(
                reader,
                service,
                asked.ranges(reader.now_ns),
                asked.step,
                asked.operation,
                asked.kind,
            ),
        )
