"""All routes of the alert engine."""

from fastapi import APIRouter

from alerting.engine.service import Alerting
from alerting.rule_pages import api as rule_pages


def routers(alerting: Alerting) -> list[APIRouter]:
    """To be included in the API's application."""
    return [_reloading(alerting), *rule_pages.routers(alerting)]


def _reloading(alerting: Alerting) -> APIRouter:
    router = APIRouter(tags=["alerting"])

    @router.post("/-/reload", status_code=204)
    def reload() -> None:
        """Read rules, SLOs and routing again: all of it, or nothing where a file is broken."""
        alerting.reload()

    return router
