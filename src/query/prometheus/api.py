"""Prometheus's HTTP API, below /prometheus/api/v1."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Path, Request, Response

from goldeneye import limits
from goldeneye.errors import GoldeneyeError, RequestTooLarge
from query.asking.api import Asking, missing_files
from query.asking.reader import Reader
from query.pool import Cancellation
from query.prometheus.as_json import as_json
from query.prometheus.asked import Asked
from query.prometheus.asking import Question, ask
from query.prometheus.expressions import format_query, parse_query
from query.prometheus.problems import problem
from query.prometheus.status import buildinfo, runtimeinfo
from query.promql.errors import PromqlError
from query.promql.labels import readable
from query.service import QueryService

PREFIX: Final = "/prometheus/api/v1"
_FORM: Final = "application/x-www-form-urlencoded"
# Workers answer these.
_ASKED: Final[Mapping[str, str]] = {
    "query": "A query's value at one time.",
    "query_range": "A query's values at the steps of a range.",
    "query_exemplars": "Exemplars of the series that a query selects.",
    "series": "The label sets of series that match.",
    "labels": "The names of labels.",
    "metadata": "Type, help and unit of metrics.",
    "status/tsdb": "The largest metrics and labels, and how many series there are a day.",
}
# These take no rows.
Known = Callable[[Reader, Cancellation, Asked], Mapping[str, Any]]
_KNOWN: Final[Mapping[str, tuple[Known, str]]] = {
    "format_query": (format_query, "The query on lines of its own where it is long."),
    "parse_query": (parse_query, "The query's tree."),
    "status/buildinfo": (buildinfo, "Whose API this is."),
    "status/runtimeinfo": (runtimeinfo, "How the server runs."),
}
_BY_FORM: Final = frozenset(
    {
        *("query", "query_range", "query_exemplars", "series", "labels"),
        *("format_query", "parse_query"),
    }
)


def router(asking: Asking) -> APIRouter:
    """All of Prometheus's routes that answer questions."""
    routes = APIRouter(prefix=PREFIX, tags=["prometheus"])
    for name, summary in _ASKED.items():
        _add(routes, asking, name, partial(_of_worker, name), summary)
    for name, (known, summary) in _KNOWN.items():
        _add(routes, asking, name, partial(_of_server, known), summary)

    @routes.get("/label/{name}/values")
    async def values(
        request: Request, name: Annotated[str, Path(description="The label's name.")]
    ) -> Response:
        """The values of a label."""
        return await _answer(asking, request, partial(_of_worker, "label_values", name=name))

    return routes


Pairs = Sequence[tuple[str, str]]
Answers = Callable[[QueryService, Pairs, Cancellation], tuple[bytes, Sequence[str]]]


def _of_worker(
    question: str, service: QueryService, pairs: Pairs, cancellation: Cancellation, **more: str
) -> tuple[bytes, Sequence[str]]:
    given = {"pairs": [tuple(map(readable, pair)) for pair in pairs], **more}
    return ask(service, Question(question, given), cancellation)


def _of_server(
    known: Known, service: QueryService, pairs: Pairs, cancellation: Cancellation
) -> tuple[bytes, Sequence[str]]:
    return as_json(known(Reader(service, cancellation), cancellation, Asked(pairs))), ()


def _add(routes: APIRouter, asking: Asking, name: str, answers: Answers, summary: str) -> None:
    async def answered(request: Request) -> Response:
        return await _answer(asking, request, answers)

    for method in ("GET", "POST") if name in _BY_FORM else ("GET",):
        routes.add_api_route(
            f"/{name}",
            answered,
            methods=[method],
            summary=summary,
            operation_id=f"prometheus_{name.replace('/', '_')}_{method.lower()}",
        )


async def _answer(asking: Asking, request: Request, answers: Answers) -> Response:
    try:
        pairs = await _pairs(request)
        body, missing = await asking.run(request, partial(answers, asking.service, pairs))
    except (PromqlError, GoldeneyeError) as error:
        status, told = problem(error)
        return Response(as_json(told), status, media_type="application/json")
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
