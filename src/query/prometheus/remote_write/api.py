"""POST /prometheus/api/v1/write: samples of Prometheus servers and agents."""

from typing import Final

from fastapi import APIRouter, Request, Response

from goldeneye.errors import GoldeneyeError, InvalidRequest, RequestTooLarge, Unavailable
from query.prometheus.remote_write.ingest import Ingest
from query.prometheus.remote_write.writing import Writing
from query.promql.remote_write.media_type import UnsupportedMedia, message_of
from query.promql.remote_write.translate import Translated

_PATH: Final = "/prometheus/api/v1/write"
_WRITTEN: Final = "X-Prometheus-Remote-Write-{}-Written"
# Snappy and the forms that follow it take about so many times what is sent.
_RATIO: Final = 8
_STEP_BYTES: Final = 65_536
_STATUSES: Final[tuple[tuple[type[GoldeneyeError], int], ...]] = (
    (UnsupportedMedia, 415),
    (InvalidRequest, 400),
    (RequestTooLarge, 413),
    (Unavailable, 503),
)
_RESPONSES: Final[dict[int | str, dict[str, str]]] = {
    204: {"description": "All of it is durable."},
    400: {"description": "It is wrong, and nothing was stored; or it has too many series."},
    413: {"description": "It is too large."},
    415: {"description": "Another media type or compression."},
    503: {"description": "It cannot be stored just now."},
}


def router(ingest: Ingest) -> APIRouter:
    """The route; what it takes goes to `ingest`."""
    routes = APIRouter(tags=["prometheus"])
    writing = Writing(ingest)

    @routes.post(_PATH, status_code=204, responses=dict(_RESPONSES))
    async def write(request: Request) -> Response:
        """Remote write 1.0 and 2.0: snappy, protobuf."""
        try:
            return _written(await _write(request, writing, ingest))
        except GoldeneyeError as error:
            return _refused(error)

    return routes


async def _write(request: Request, writing: Writing, ingest: Ingest) -> Translated:
    headers = request.headers
    message = message_of(headers.get("content-type", ""), headers.get("content-encoding", ""))
    length = headers.get("content-length", "")
    size_bytes = int(length) if length.isdecimal() else _STEP_BYTES
    async with ingest.room(min(size_bytes * _RATIO, ingest.max_body_bytes)):
        return await writing.write(await _body(request, ingest.max_body_bytes), message)


async def _body(request: Request, most: int) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise RequestTooLarge(f"the body is larger than {most} bytes")
    return bytes(body)


def _written(translated: Translated) -> Response:
    counts = {
        "Samples": translated.samples,
        "Histograms": translated.histograms,
        "Exemplars": translated.exemplars,
    }
    return Response(
        status_code=204,
        headers={_WRITTEN.format(kind): str(count) for kind, count in counts.items()},
    )


def _refused(error: GoldeneyeError) -> Response:
    status = next((code for kind, code in _STATUSES if isinstance(error, kind)), None)
    if status is None:
        raise error
    delay_s = getattr(error, "retry_delay_s", None)
    headers = None if delay_s is None else {"Retry-After": str(delay_s)}
    return Response(f"{error}\n", status, headers, "text/plain")
