"""The routes of SLOs."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from pydantic import Field

from alerting import made_by_api
from alerting.asked import Paged, Parameters
from alerting.bodies.api import Text
from alerting.engine.service import Alerting
from alerting.slo.minutes import minute_of
from alerting.slo.model import Slo
from alerting.slo.report import history, report
from alerting.slo_pages import documents, figures, views
from goldeneye.errors import NotFound

_YAML: Final = "application/yaml"
_DAY_MINUTES: Final = 1_440
# Two months, and the week that the older one begins in.
_REPORT_MINUTES: Final = 70 * _DAY_MINUTES
_LONGEST_MINUTES: Final = 400 * _DAY_MINUTES


class Listed(Paged):
    service: str | None = Field(None, description="SLOs of this service only.")


class Reported(Parameters):
    slo: str | None = Field(None, description="This SLO only.")
    service: str | None = Field(None, description="SLOs of this service only.")
    weeks: int = Field(5, ge=0, le=53)
    periods: int = Field(12, ge=0, le=53, description="The SLO's own windows, end to end.")


def routers(alerting: Alerting) -> list[APIRouter]:
    """To be included in the API's application."""
    return [_reading(alerting), _writing(alerting)]


def _reading(alerting: Alerting) -> APIRouter:
    router = APIRouter(tags=["slos"])

    @router.get("/api/v1/slos")
    def list_slos(asked: Annotated[Listed, Query()]) -> dict[str, Any]:
        """All SLOs by name, with how they stand."""
        found = _slos(alerting, None, asked.service)
        page = asked.page("slos", found, lambda slo: [slo.name])
        return page.answer(lambda slo: _shown(alerting, slo, days=False))

    @router.get("/api/v1/slos/report")
    def show_report(asked: Annotated[Reported, Query()]) -> dict[str, Any]:
        """How each objective was kept: this month, last month, by week and by its own window."""
        found = _slos(alerting, asked.slo, asked.service)
        return {"report": [one for slo in found for one in _report(alerting, slo, asked)]}

    @router.get("/api/v1/slos/export")
    def export(_: Annotated[Parameters, Query()]) -> Response:
        """The SLOs that were made by the API, as one file."""
        made = alerting.engine.loaded.made["slo"]
        return Response(documents.exported(made), media_type=_YAML)

    @router.get("/api/v1/slos/{name:path}")
    def show(name: str, _: Annotated[Parameters, Query()]) -> dict[str, Any]:
        """One SLO: its budget, burn rates, alerts, and what was spent on which day."""
        return _shown(alerting, _slos(alerting, name, None)[0], days=True)

    return router


def _writing(alerting: Alerting) -> APIRouter:
    router = APIRouter(tags=["slos"])

    def shown(name: str) -> dict[str, Any]:
        return views.said(_slos(alerting, name, None)[0])

    @router.post("/api/v1/slos", status_code=201)
    def create(body: Text) -> dict[str, Any]:
        """Make an SLO: OpenSLO or the short form, as YAML or JSON."""
        return shown(made_by_api.create(alerting, documents.SLOS, body))

    @router.put("/api/v1/slos/{name:path}")
    def change(name: str, body: Text) -> dict[str, Any]:
        """Replace an SLO that was made by the API."""
        return shown(made_by_api.change(alerting, documents.SLOS, name, body))

    @router.delete("/api/v1/slos/{name:path}", status_code=204)
    def delete(name: str) -> None:
        """Delete an SLO that was made by the API; its minutes stay in the table."""
        made_by_api.delete(alerting, documents.SLOS, name)

    return router


def _slos(alerting: Alerting, name: str | None, service: str | None) -> list[Slo]:
    """Raises NotFound where a name is given that is none."""
    known = alerting.engine.loaded.slos.slos
    found = [slo for slo in known if name in (None, slo.name) and service in (None, slo.service)]
    if name is not None and not found:
        raise NotFound(f"there is no SLO {name!r}")
    return found


def _shown(alerting: Alerting, slo: Slo, days: bool) -> dict[str, Any]:
    engine = alerting.engine
    now_ns = engine.clock.now_ns()
    minutes = figures.of_window(slo, engine.slos.data, now_ns)
    failures = engine.slos.failures_of(slo)
    stands = views.stands(slo, minutes, now_ns, days)
    return {**views.said(slo), **stands, "error": failures or None}


def _report(alerting: Alerting, slo: Slo, asked: Reported) -> list[dict[str, Any]]:
    engine = alerting.engine
    now_ns = engine.clock.now_ns()
    back = max(
        _REPORT_MINUTES,
        (asked.weeks + 1) * 7 * _DAY_MINUTES,
        (asked.periods + 1) * slo.window.minutes,
    )
    now = minute_of(now_ns)
    found = figures.since(slo, engine.slos.data, now - min(back, _LONGEST_MINUTES), now)
    return [
        {
            "slo": slo.name,
            "service_name": slo.service,
            "objective": one.name,
            "target": float(one.target),
            "periods": [
                views.compliance(each)
                for each in report(slo, one, minutes, now_ns, weeks=asked.weeks)
            ],
            "windows": [
                views.compliance(each) for each in history(slo, one, minutes, now_ns, asked.periods)
            ],
        }
        for one, minutes in zip(slo.objectives, found, strict=True)
    ]
