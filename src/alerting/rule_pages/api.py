"""The routes of rules, and Prometheus's `/rules` and `/alerts`."""

from typing import Annotated, Any, Literal

import yaml
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from alerting import made_by_api
from alerting.asked import Paged, Parameters
from alerting.bodies.api import Text
from alerting.durations import duration_ns
from alerting.engine.engine import Engine
from alerting.engine.planned import API, Running
from alerting.engine.service import Alerting
from alerting.rule_pages import documents, drafts, prometheus, prometheus_asked, views
from alerting.rules.definitions import Group
from goldeneye.errors import InvalidRequest, NotFound
from goldeneye.times import parse_time

_YAML = "application/yaml"
_PROMETHEUS = "/prometheus/api/v1"


class Listed(Paged):
    rule_group: str | None = Field(None, description="Rules of this group only.")
    kind: Literal["alerting", "recording"] | None = None
    health: Literal["ok", "error", "no_data", "unknown"] | None = None


class Draft(Parameters):
    rules: Any = Field(description="A group, one rule, or a rule file, as an object or as YAML.")
    start: str = "now-1h"
    end: str = "now"
    step: str | None = Field(None, description="Default: the interval of the group.")


def routers(alerting: Alerting) -> list[APIRouter]:
    """To be included in the API's application."""
    return [_reading(alerting), _writing(alerting), _as_prometheus(alerting)]


def _reading(alerting: Alerting) -> APIRouter:
    router = APIRouter(tags=["rules"])

    @router.get("/api/v1/rules")
    def list_rules(asked: Annotated[Listed, Query()]) -> dict[str, Any]:
        """All rules in the order of their files, with how they fare."""
        running = alerting.ask(lambda engine: engine.rules.running)
        return _page(list(views.rules(running)), asked)

    @router.get("/api/v1/rules/export")
    def export(_: Annotated[Parameters, Query()]) -> Response:
        """The groups that were made by the API, as a rule file."""
        made = alerting.engine.loaded.made["rules"]
        return Response(documents.exported(made), media_type=_YAML)

    @router.get("/api/v1/rules/{name:path}")
    def show(name: str, _: Annotated[Parameters, Query()]) -> dict[str, Any]:
        """A group with its rules."""
        return alerting.ask(lambda engine: views.group(found(engine, name)))

    @router.post("/api/v1/rules/test")
    def test(draft: Draft) -> dict[str, Any]:
        """When a draft would have fired."""
        engine = alerting.engine
        text = draft.rules if isinstance(draft.rules, str) else yaml.safe_dump(draft.rules)
        group = documents.checked(text, engine.checks)
        now_ns = engine.clock.now_ns()
        start_ns, end_ns = parse_time(draft.start, now_ns), parse_time(draft.end, now_ns)
        if end_ns < start_ns:
            raise InvalidRequest("end: is before start")
        step_ns = _step_ns(draft.step, group, engine)
        return drafts.tried(group, engine.surroundings, (start_ns, end_ns), step_ns, engine.clock)

    return router


def _writing(alerting: Alerting) -> APIRouter:
    router = APIRouter(tags=["rules"])

    def shown(name: str) -> dict[str, Any]:
        return alerting.ask(lambda engine: views.group(found(engine, name)))

    @router.post("/api/v1/rules", status_code=201)
    def create(body: Text) -> dict[str, Any]:
        """Make a group: a group, one rule, or a file of one group, as JSON or YAML."""
        return shown(made_by_api.create(alerting, documents.GROUPS, body))

    @router.put("/api/v1/rules/{name:path}")
    def change(name: str, body: Text) -> dict[str, Any]:
        """Replace a group that was made by the API."""
        return shown(made_by_api.change(alerting, documents.GROUPS, name, body))

    @router.delete("/api/v1/rules/{name:path}", status_code=204)
    def delete(name: str) -> None:
        """Delete a group that was made by the API."""
        made_by_api.delete(alerting, documents.GROUPS, name)

    return router


def _as_prometheus(alerting: Alerting) -> APIRouter:
    router = APIRouter(prefix=_PROMETHEUS, tags=["prometheus"])

    @router.get("/rules")
    def rules(request: Request) -> JSONResponse:
        """Rules by group, as Prometheus tells them."""
        running = alerting.ask(lambda engine: engine.rules.running)
        try:
            wanted = prometheus_asked.wanted(request.query_params)
            page = prometheus_asked.page(request.query_params)
            data = prometheus_asked.paged(prometheus.groups(running, wanted), page)
        except InvalidRequest as error:
            said = {"status": "error", "errorType": "bad_data", "error": str(error)}
            return JSONResponse(said, 400)
        return JSONResponse({"status": "success", "data": data})

    @router.get("/alerts")
    def alerts() -> dict[str, Any]:
        """Pending and firing alerts, as Prometheus tells them."""
        running = alerting.ask(lambda engine: engine.rules.running)
        return {"status": "success", "data": {"alerts": prometheus.alerts(running)}}

    return router


def _page(rules: list[dict[str, Any]], asked: Listed) -> dict[str, Any]:
    chosen = [
        (number, one)
        for number, one in enumerate(rules)
        if asked.rule_group in (None, one["rule_group"])
        and asked.kind in (None, one["kind"])
        and asked.health in (None, one["health"])
    ]
    return asked.page("rules", chosen, lambda one: [one[0]]).answer(lambda one: one[1])


def found(engine: Engine, name: str) -> Running:
    """By the group's name, those of the API first, else by a rule's. Raises NotFound."""
    named = [one for one in engine.rules.running if one.planned.group.name == name]
    if named:
        return next((one for one in named if one.planned.group.file == API), named[0])
    for running in engine.rules.running:
        if any(rule.name == name for rule in running.planned.group.rules):
            return running
    raise NotFound(f"there is no group of rules and no rule {name!r}")


def _step_ns(step: str | None, group: Group, engine: Engine) -> int:
    if step is None:
        return group.interval_ns or engine.settings.evaluation_interval_ns
    try:
        step_ns = duration_ns(step)
    except ValueError as error:
        raise InvalidRequest(f"step: {error}") from error
    if step_ns <= 0:
        raise InvalidRequest("step: must be longer than 0")
    return step_ns
