"""The routes of alerts."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from alerting.alerts import as_json
from alerting.alerts.acknowledging import acknowledge, found, take_back
from alerting.alerts.current import Current, current, picture
from alerting.alerts.history import EVENT_PLACE, History, Rest, Row, place
from alerting.alerts.selection import Selection
from alerting.asked import Paged, Parameters, Span, WithinTime, matchers
from alerting.bodies.api import Body, described, parsed
from alerting.durations import DAY_NS
from alerting.engine.service import Alerting
from alerting.plain import moment
from goldeneye.errors import InvalidRequest

State = Literal["pending", "firing", "resolved", "inactive", "no_data", "error"]
_STATISTICS_NS: Final = 7 * DAY_NS


class Asked(Paged, WithinTime):
    rule: str | None = Field(None, description="The rule's name.")
    rule_group: str | None = None
    service: str | None = Field(None, description="The label service_name, or else service.")
    severity: str | None = Field(None, description="The label severity.")
    filter: list[str] = Field([], description='Matchers, such as `team=~"a|b"`; all must hold.')

    def selection(self, states: frozenset[str] = frozenset()) -> Selection:
        conditions = matchers(self.filter)
        return Selection(
            states, self.rule, self.rule_group, self.service, self.severity, conditions
        )


class Listed(Asked):
    state: list[State] = Field([], description="One of these; in the history, changed to.")
    receiver: str | None = Field(None, description="The name of one who is told of it.")
    alert_id: str | None = None
    history: bool = Field(
        False, description="The changes of alerts, newest first; so too with start or end."
    )

    @property
    def past(self) -> bool:
        return self.history or self.start is not None or self.end is not None


class Said(Parameters):
    by: str = Field(min_length=1, max_length=200, description="Who has seen it.")
    comment: str = Field("", max_length=10_000)


class TakenBack(Parameters):
    by: str = Field("", max_length=200, description="Who takes it back.")


def router(alerting: Alerting, history: History) -> APIRouter:
    """All of them."""
    routes = APIRouter(prefix="/api/v1/alerts", tags=["alerts"])

    @routes.get("")
    def list_alerts(asked: Annotated[Listed, Query()]) -> dict[str, Any]:
        """Alerts as they are now, newest first; or how they changed in the past."""
        return _past(asked, alerting, history) if asked.past else _now(asked, alerting)

    @routes.get("/statistics")
    def statistics(asked: Annotated[Asked, Query()]) -> dict[str, Any]:
        """How often the alerts of each rule fired, and what became of it; the last week."""
        span = _closed(asked.span(alerting.engine.clock.now_ns()), alerting)
        told = history.statistics(asked.selection(), span)
        page = asked.page("statistics", told.rows, _most_fired)
        bounds = {"start": moment(span.start_ns or 0), "end": moment(span.end_ns or 0)}
        return {**page.answer(as_json.plain_row, **bounds), **told.lacking}

    @routes.get("/{alert_id}")
    def show(alert_id: str, _: Annotated[Parameters, Query()]) -> dict[str, Any]:
        """One alert as it is now."""
        return _shown(alert_id)

    @routes.post("/{alert_id}/acknowledge", openapi_extra=described(Said))
    def acknowledged(alert_id: str, body: Body) -> dict[str, Any]:
        """Say that somebody has seen an alert; it holds until the alert ceases to fire."""
        said, alert = parsed(Said, body), found(alerting.ask(picture), alert_id)
        alerting.ask(lambda engine: acknowledge(engine, alert, said.by, said.comment))
        return _shown(alert_id)

    @routes.delete("/{alert_id}/acknowledge")
    def unacknowledged(alert_id: str, asked: Annotated[TakenBack, Query()]) -> dict[str, Any]:
        """Take that back."""
        alert = found(alerting.ask(picture), alert_id)
        alerting.ask(lambda engine: take_back(engine, alert, asked.by))
        return _shown(alert_id)

    def _shown(alert_id: str) -> dict[str, Any]:
        return as_json.alert(found(alerting.ask(picture), alert_id))

    return routes


def _now(asked: Listed, alerting: Alerting) -> dict[str, Any]:
    chosen = asked.selection(frozenset(asked.state))
    alerts = [
        one
        for one in current(alerting.ask(picture))
        if chosen.takes(one)
        and asked.receiver in (None, *one.receivers)
        and asked.alert_id in (None, one.alert_id)
    ]
    return asked.page("alerts", alerts, _place).answer(as_json.alert)


def _place(alert: Current) -> list[Any]:
    return [-alert.active_at_ns, alert.alert_id, alert.source.rule_group or "", alert.source.rule]


def _most_fired(row: Row) -> list[Any]:
    return [-row["fired"], row["rule"], row["rule_group"] or ""]


def _past(asked: Listed, alerting: Alerting, history: History) -> dict[str, Any]:
    if asked.receiver is not None:
        raise InvalidRequest("receiver: who was told is in /api/v1/notifications")
    span = asked.span(alerting.engine.clock.now_ns())
    rest = Rest(asked.limit + 1, asked.position())
    told = history.events(asked.selection(frozenset(asked.state)), asked.alert_id, span, rest)
    page = asked.filled("alerts", told.rows, lambda row: place(row, EVENT_PLACE))
    return {**page.answer(as_json.event), **told.lacking}


def _closed(span: Span, alerting: Alerting) -> Span:
    end_ns = alerting.engine.clock.now_ns() if span.end_ns is None else span.end_ns
    start_ns = end_ns - _STATISTICS_NS if span.start_ns is None else span.start_ns
    if start_ns >= end_ns:
        raise InvalidRequest("start: is not before end")
    return Span(start_ns, end_ns)
