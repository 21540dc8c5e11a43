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
from query.prometheus.evaluation import instant, ranged
from query.prometheus.exemplars import query_exemplars
from query.prometheus.expressions import format_query, parse_query
from query.prometheus.metadata import label_values, labels, metadata, series
from query.prometheus.problems import problem
from query.prometheus.status import alerts, buildinfo, rules, runtimeinfo, tsdb
from query.promql.errors import PromqlError

PREFIX: Final = "/prometheus/api/v1"
_FORM: Final = "application/x-www-form-urlencoded"
Question = Callable[[Reader, Cancellation, Asked], Mapping[str, Any]]
_BY_FORM: Final[Mapping[str, tuple[Question, str]]] = {
    "query": (instant, "A query's value at one time."),
    "query_range": (ranged, "A query's values at the steps of a range."),
    "query_exemplars": (query_exemplars, "Exemplars of the series that a query selects."),
    "series": (series, "The label sets of series that match."),
    "labels": (labels, "The names of labels."),
    "format_query": (format_query, "The query on lines of its own where it is long."),
    "parse_query": (parse_query, "The query's tree."),
}
_BY_ADDRESS: Final[Mapping[str, tuple[Question, str]]] = {
    "metadata": (metadata, "Type, help and unit of metrics."),
    "rules": (rules, "Rules: there are none yet."),
    "alerts": (alerts, "Alerts: there are none yet."),
    "status/buildinfo": (buildinfo, "Whose API this is."),
    "status/runtimeinfo": (runtimeinfo, "How the server runs."),
    "status/tsdb": (tsdb, "The largest metrics and labels, and how many series there are a day."),
}


def router(asking: Asking) -> APIRouter:
    """All of Prometheus's routes that answer questions."""
    routes = APIRouter(prefix=PREFIX, tags=["prometheus"])
    for name, (question, summary) in _BY_FORM.items():
        _add(routes, asking, name, question, summary, ("GET", "POST"))
    for name, (question, summary) in _BY_ADDRESS.items():
        _add(routes, asking, name, question, summary, ("GET",))

    @routes.get("/label/{name}/values")
    async def values(
        request: Request, name: Annotated[str, Path(description="The label's name.")]
    ) -> Response:
        """The values of a label."""
        return await _answer(asking, request, partial(label_values, name=name))

    return routes


def _add(
    routes: APIRouter,
    asking: Asking,
    name: str,
    question: Question,
    summary: str,
    methods: Sequence[str],
) -> None:
    async def answered(request: Request) -> Response:
        return await _answer(asking, request, question)

    for method in methods:
        routes.add_api_route(
            f"/{name}",
            answered,
            methods=[method],
            summary=summary,
            operation_id=f"prometheus_{name.replace('/', '_')}_{method.lower()}",
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
            return as_json(found), reader.missing_files

        body, missing = await asking.run(request, work)
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
