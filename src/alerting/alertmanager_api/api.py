"""The routes of Alertmanager's API, below /alertmanager/api/v2."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from alerting.alertmanager_api import alerts, silences
from alerting.alertmanager_api.answers import Answer, Refused
from alerting.alertmanager_api.bodies import Body, listed, parsed
from alerting.alertmanager_api.groups import groups
from alerting.alertmanager_api.parameters import Parameters
from alerting.alertmanager_api.status import status
from alerting.bodies import api as bodies
from alerting.engine.service import Alerting
from alerting.matching.matcher import all_match
from alerting.routing.silences import BadSilence, NoSuchSilence
from alerting.silencing.changing import end, found, keep
from goldeneye.errors import Conflict, GoldeneyeError, NotFound

PREFIX: Final = "/alertmanager/api/v2"
_HEADERS: Final = {"Cache-Control": "no-store"}


def router(alerting: Alerting) -> APIRouter:
    """All of them."""
    routes = APIRouter(prefix=PREFIX, tags=["alertmanager"])
    _add_general(routes, alerting)
    _add_alerts(routes, alerting)
    _add_silences(routes, alerting)
    return routes


def _add_general(routes: APIRouter, alerting: Alerting) -> None:
    @routes.get("/status")
    def show_status() -> Response:
        """The configuration, and which release's API this is."""
        configured = alerting.engine.dispatcher.configured
        return _answered(lambda: status(configured.configuration, alerting.started_ns))

    @routes.get("/receivers")
    def receivers(request: Request) -> Response:
        """The names of receivers."""

        def names() -> list[dict[str, str]]:
            known = alerting.engine.dispatcher.configured.configuration.receivers
            ours = all_match(_asked(request).matchers("receiver_matchers"), {})
            return [{"name": name} for name in known] if ours else []

        return _answered(names)


def _add_alerts(routes: APIRouter, alerting: Alerting) -> None:
    @routes.get("/alerts")
    def list_alerts(request: Request) -> Response:
        """Alerts that fire, with who mutes them."""
        return _answered(lambda: alerts.listed(alerting.ask(alerts.scene), _asked(request)))

    @routes.post("/alerts")
    def post_alerts(body: bodies.Body) -> Response:
        """Report alerts of others."""

        def take() -> None:
            posted = alerts.posted(listed("alerts", body))
            alerting.ask(lambda engine: alerts.take(engine, posted))

        return _answered(take)

    @routes.get("/alerts/groups")
    def list_groups(request: Request) -> Response:
        """Alerts by the groups in which they are told."""

        def grouped() -> list[dict[str, Any]]:
            seen, known = alerting.ask(
                lambda engine: (alerts.scene(engine), engine.dispatcher.groups.values())
            )
            return groups(seen, known, _asked(request))

        return _answered(grouped)


def _add_silences(routes: APIRouter, alerting: Alerting) -> None:
    def now_ns() -> int:
        return alerting.engine.clock.now_ns()

    @routes.get("/silences")
    def list_silences(request: Request) -> Response:
        """Silences that have the matchers of the filter."""
        known = alerting.engine.dispatcher.silences
        return _answered(lambda: silences.listed(known.values(), _asked(request), now_ns()))

    @routes.post("/silences")
    def post_silence(body: bodies.Body) -> Response:
        """Make a silence, or change one."""

        def kept() -> dict[str, str]:
            draft = silences.posted(Body("silence", parsed("silence", body)))
            return {"silenceID": alerting.ask(lambda engine: keep(engine, draft)).id}

        return _answered(kept)

    @routes.get("/silence/{silence_id}")
    def show_silence(silence_id: str) -> Response:
        """One silence."""

        def one() -> dict[str, Any]:
            checked = silences.checked_id(silence_id)
            return silences.shown(found(alerting.engine.dispatcher.silences, checked), now_ns())

        return _answered(one)

    @routes.delete("/silence/{silence_id}")
    def expire(silence_id: str) -> Response:
        """End one now."""

        def ended() -> None:
            checked = silences.checked_id(silence_id)
            alerting.ask(lambda engine: end(engine, checked))

        return _answered(ended)


def _asked(request: Request) -> Parameters:
    return Parameters(request.query_params.multi_items())


def _answered(work: Callable[[], Any]) -> Response:
    """What it gives, or its error, in Alertmanager's forms."""
    answer = _answer(work)
    if answer.body is None:
        return Response(None, answer.status, _HEADERS)
    return JSONResponse(answer.body, answer.status, _HEADERS)


def _answer(work: Callable[[], Any]) -> Answer:
    try:
        return Answer(work())
    except Refused as refused:
        return refused.answer
    except NotFound:
        return Answer(None, HTTPStatus.NOT_FOUND)
    except NoSuchSilence as error:
        return Answer(str(error), HTTPStatus.NOT_FOUND)
    except BadSilence as error:
        return Answer(_of_silence(str(error)), HTTPStatus.BAD_REQUEST)
    except Conflict as error:
        return Answer(str(error), HTTPStatus.INTERNAL_SERVER_ERROR)
    except GoldeneyeError as error:
        return Answer(str(error), HTTPStatus.SERVICE_UNAVAILABLE)


def _of_silence(reason: str) -> str:
    past = "end time can't be in the past"
    return f"Failed to create silence: {reason}" if reason == past else f"invalid silence: {reason}"
