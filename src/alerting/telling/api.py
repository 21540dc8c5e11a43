"""The routes of receivers and notifications."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from alerting.alerts.as_json import plain_row
from alerting.alerts.history import NOTIFICATION_PLACE, History, Rest, Told, place
from alerting.asked import Paged, Parameters, WithinTime
from alerting.bodies.api import Body, described, parsed
from alerting.engine.service import Alerting
from alerting.notifying import trial as trials
from alerting.telling import receivers

_Texts = dict[str, str]


class Listed(Paged):
    pass


class Trial(Parameters):
    labels: _Texts = Field(default={}, description="Of the alert that is sent, beside its own.")
    annotations: _Texts = Field(default={}, description="Likewise.")


class Asked(Paged, WithinTime):
    receiver: str | None = None
    integration: str | None = Field(None, description="Such as team/webhook/0.")
    status: Literal["sent", "failed", "suppressed"] | None = None
    alert_id: str | None = Field(None, description="Notifications that tell of this alert.")


def router(alerting: Alerting, history: History) -> APIRouter:
    """All of them."""
    routes = APIRouter(prefix="/api/v1", tags=["receivers"])

    @routes.get("/receivers")
    def list_receivers(asked: Annotated[Listed, Query()]) -> dict[str, Any]:
        """Receivers, what they tell by, and how the last delivery went."""
        page = asked.page("receivers", alerting.ask(receivers.shown), lambda one: [one["receiver"]])
        return page.answer(lambda one: one)

    @routes.post("/receivers/{name:path}/test", openapi_extra=described(Trial, required=False))
    def test(name: str, body: Body) -> dict[str, Any]:
        """Send a test notification to all that a receiver tells, one attempt each."""
        said = parsed(Trial, body or b"{}")
        configured = alerting.ask(lambda engine: engine.dispatcher.configured)
        receiver = receivers.found(configured, name)
        engine = alerting.engine
        # In a loop of this thread: a receiver that is slow must not hold the engine up.
        sent = trials.try_receiver(
            receiver,
            configured.templates,
            engine.clock,
            engine.settings.external_url,
            said.labels,
            said.annotations,
        )
        return receivers.tried(receiver, asyncio.run(sent))

    @routes.get("/notifications")
    def list_notifications(asked: Annotated[Asked, Query()]) -> dict[str, Any]:
        """What was sent, failed or was kept back, newest first."""
        span = asked.span(alerting.engine.clock.now_ns())
        which = Told(asked.receiver, asked.integration, asked.status, asked.alert_id)
        rest = Rest(asked.limit + 1, asked.position())
        told = history.notifications(which, span, rest)
        page = asked.filled("notifications", told.rows, lambda row: place(row, NOTIFICATION_PLACE))
        return {**page.answer(plain_row), **told.lacking}

    return routes
