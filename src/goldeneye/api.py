"""The HTTP API's frame: life signs, own metrics, status, docs; the query layer adds its routes."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.security import HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from goldeneye import __version__, problems
from goldeneye.query_string import refuse_ambiguity
from goldeneye.telemetry import REGISTRY
from goldeneye.token_gate import TokenGate
from goldeneye.tokens import OPEN, Tokens

Status = Callable[[], Mapping[str, Any]]
# Routers of interfaces that others defined, by their tags: errors have these interfaces' forms.
_FOREIGN: Final = {"prometheus", "alertmanager"}
_FOREIGN_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    "4XX": {"description": "An error as this interface has them."}
}


def app(
    status: Status,
    refusal: Callable[[], str | None],
    routers: list[APIRouter],
    tokens: Tokens = OPEN,
) -> FastAPI:
    """The application on the API's port.

    `status`, and why telemetry is refused just now (`refusal`), are asked at each request.
    """
    api = FastAPI(
        title="Goldeneye",
        version=__version__,
        summary="An OpenTelemetry-native collector backend: durable OTLP in, Parquet and SQL out.",
    )
    problems.install(api)
    api.add_middleware(TokenGate, tokens)
    api.include_router(_life_signs(refusal))
    for router in (_about(status), *routers):
        api.include_router(
            router,
            dependencies=[Depends(_unambiguous), *_described(tokens)],
            responses=problems.RESPONSES
            if _FOREIGN.isdisjoint(router.tags)
            else _FOREIGN_RESPONSES,
        )
    return api


async def _unambiguous(request: Request) -> None:
    refuse_ambiguity(request.scope)


def _described(tokens: Tokens) -> list[Any]:
    """Lets the docs' pages ask for a token and send it; the gate is what looks at it."""
    return [Depends(HTTPBearer(auto_error=False))] if tokens.are_required else []


def _life_signs(refusal: Callable[[], str | None]) -> APIRouter:
    router = APIRouter(tags=["life signs"])

    # Monitors that want no body ask with HEAD.
    @router.head("/healthz", include_in_schema=False)
    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Whether the process lives."""
        return {"status": "alive"}

    @router.head("/readyz", include_in_schema=False)
    @router.get("/readyz", responses={503: {"description": "Not accepting telemetry."}})
    async def readyz(response: Response) -> dict[str, str]:
        """Whether telemetry is accepted."""
        reason = refusal()
        if reason is None:
            return {"status": "ready"}
        response.status_code = 503
        return {"status": "not ready", "reason": reason}

    @router.get("/metrics", response_class=Response)
    def metrics() -> Response:
        """What Goldeneye measures of itself, as Prometheus text."""
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return router


def _about(status: Status) -> APIRouter:
    router = APIRouter(tags=["about"])

    @router.get("/", include_in_schema=False)
    async def root() -> RedirectResponse:
        return RedirectResponse("/docs")

    @router.get("/api/v1/status")
    def show_status() -> dict[str, Any]:
        """What listens where, which decoder is live, how the WAL syncs, and how much is kept."""
        return dict(status())

    return router
