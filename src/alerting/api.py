"""All routes of the alert engine."""

from fastapi import APIRouter

from alerting.alertmanager_api import api as alertmanager_api
from alerting.alerts import api as alerts
from alerting.alerts.history import History
from alerting.engine.service import Alerting
from alerting.rule_pages import api as rule_pages
from alerting.silencing import api as silencing
from alerting.slo_pages import api as slo_pages
from alerting.telling import api as telling


def routers(alerting: Alerting, history: History) -> list[APIRouter]:
    """To be included in the API's application."""
    return [
        _reloading(alerting),
        *rule_pages.routers(alerting),
        *slo_pages.routers(alerting),
        alerts.router(alerting, history),
        silencing.router(alerting),
        telling.router(alerting, history),
        alertmanager_api.router(alerting),
    ]


def _reloading(alerting: Alerting) -> APIRouter:
    router = APIRouter(tags=["alerting"])

    @router.post("/-/reload", status_code=204)
    def reload() -> None:
        """Read rules, SLOs and routing again: all of it, or nothing where a file is broken."""
        alerting.reload()

    return router
