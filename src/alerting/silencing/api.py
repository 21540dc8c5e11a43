"""The routes of silences."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from alerting.asked import Paged, Parameters, matchers
from alerting.bodies.api import Body, described, parsed
from alerting.engine.service import Alerting
from alerting.routing.silences import BadSilence, NoSuchSilence, Silence
from alerting.silencing.changing import end, found, keep, place, to_milliseconds
from alerting.silencing.drafts import Draft, shown
from goldeneye.errors import InvalidRequest, NotFound


class Listed(Paged):
    state: list[Literal["active", "pending", "expired"]] = Field([], description="One of these.")
    filter: list[str] = Field([], description="Matchers that the silence itself has.")
    created_by: str | None = None


def router(alerting: Alerting) -> APIRouter:
    """All of them."""
    routes = APIRouter(prefix="/api/v1/silences", tags=["silences"])

    def now_ns() -> int:
        return alerting.engine.clock.now_ns()

    @routes.get("")
    def list_silences(asked: Annotated[Listed, Query()]) -> dict[str, Any]:
        """Silences: active ones by their end, then pending ones, then those that ended."""
        wanted, at_ns = set(matchers(asked.filter)), now_ns()
        silences = [
            one
            for one in alerting.ask(lambda engine: engine.dispatcher.silences).values()
            if (not asked.state or str(one.state(at_ns)) in asked.state)
            and asked.created_by in (None, one.created_by)
            and wanted <= set(one.matchers)
        ]
        page = asked.page("silences", silences, lambda one: place(one, at_ns))
        return page.answer(lambda one: shown(one, at_ns))

    @routes.post("", status_code=201, openapi_extra=described(Draft))
    def create(body: Body) -> dict[str, Any]:
        """Mute the alerts that match, from its start to its end."""
        return _kept(parsed(Draft, body))

    @routes.get("/{silence_id}")
    def show(silence_id: str, _: Annotated[Parameters, Query()]) -> dict[str, Any]:
        """One silence."""
        silences = alerting.ask(lambda engine: engine.dispatcher.silences)
        return shown(found(silences, silence_id), now_ns())

    @routes.put("/{silence_id}", openapi_extra=described(Draft))
    def change(silence_id: str, body: Body) -> dict[str, Any]:
        """Change one; where that would rewrite the past, it ends and a new one takes its place."""
        silences = alerting.ask(lambda engine: engine.dispatcher.silences)
        return _kept(parsed(Draft, body), found(silences, silence_id))

    @routes.delete("/{silence_id}", status_code=204)
    def expire(silence_id: str, _: Annotated[Parameters, Query()]) -> None:
        """End one now."""
        alerting.ask(lambda engine: end(engine, silence_id))

    def _kept(draft: Draft, before: Silence | None = None) -> dict[str, Any]:
        silence = draft.silence(to_milliseconds(now_ns()), before)
        return shown(_told(lambda: alerting.ask(lambda engine: keep(engine, silence))), now_ns())

    return routes


def _told(work: Callable[[], Silence]) -> Silence:
    try:
        return work()
    except NoSuchSilence as error:
        raise NotFound(str(error)) from error
    except BadSilence as error:
        raise InvalidRequest(str(error)) from error
