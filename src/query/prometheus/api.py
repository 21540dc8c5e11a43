"""Prometheus's HTTP API, below /prometheus/api/v1."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from fastapi import APIRouter, Request, Response

from goldeneye import limits
from goldeneye.errors import GoldeneyeError, RequestTooLarge
from query.asking.api import Asking, missing_files
from query.asking.reader import Reader
from query.pool import Cancellation
from query.prometheus.asked import Asked
from query.prometheus.evaluation import instant, ranged
from query.prometheus.problems import problem
from query.promql.errors import PromqlError

PREFIX: Final = "/prometheus/api/v1"
_FORM: Final = "application/x-www-form-urlencoded"
Question = Callable[[Reader, Cancellation, Asked], Mapping[str, Any]]
_BY_FORM: Final[Mapping[str, tuple[Question, str]]] = {
    "query": (instant, "A query's value at one time."),
    "query_range": (ranged, "A query's values at the steps of a range."),
}


def router(asking: Asking) -> APIRouter:
    """All of Prometheus's routes that answer questions."""
    routes = APIRouter(prefix=PREFIX, tags=["prometheus"])
    for name, (question, summary) in _BY_FORM.items():
        _add(routes, asking, name, question, summary)
    return routes


def _add(routes: APIRouter, asking: Asking, name: str, question: Question, summary: str) -> None:
    async def answered(request: Request) -> Response:
        return await _answer(asking, request, question)

    for method in ("GET", "POST"):
        routes.add_api_route(
            f"/{name}",
            answered,
            methods=[method],
            summary=summary,
            operation_id=f"prometheus_{name}_{method.lower()}",
        )


async def _answer(asking: Asking, request: Request, question: Question) -> Response:
    try:
        asked = Asked(await _pairs(request))

        def work(cancellation: Cancellation) -> tuple[bytes, set[str]]:
            reader = Reader(asking.service, cancellation)
            found = dict(question(reader, cancellation, asked))
            if reader.missing_files:
                lacking = f"{len(reader.missing_files)} files are missing: rows may lack"
                found["warnings"] = [*found.get("warnings", []), lacking]
            return orjson.dumps(found), reader.missing_files

        body, missing = await asking.run(request, work)
    except (PromqlError, GoldeneyeError) as error:
        status, told = problem(error)
        return Response(orjson.dumps(told), status, media_type="application/json")
    return Response(body, media_type="application/json", headers=missing_files(missing))


async def _pairs(request: Request) -> list[tuple[str, str]]:
    """Of the form, then of the URL. Raises RequestTooLarge."""
    url = request.url.query
    form = b""
    if request.headers.get("content-type", "").partition(";")[0].strip() == _FORM:
        async for chunk in request.stream():
            form += chunk
            if len(form) > limits.MAX_QUERY_BODY_BYTES:
                raise RequestTooLarge(f"more than {limits.MAX_QUERY_BODY_BYTES} bytes of a form")
    texts = (form.decode(errors="replace"), url)
    return [pair for text in texts for pair in parse_qsl(text, keep_blank_values=True)]
