"""What the stored tables tell of alerts and notifications."""

from typing import Any

from alerting.alerts.history import EVENT_PLACE, NOTIFICATION_PLACE, Found, Rest, Told
from alerting.alerts.selection import Selection
from alerting.asked import Span
from alerting.state.alert_events import FLAPPING_TRANSITIONS, FLAPPING_WINDOW_NS
from goldeneye.errors import QueryOverBudget
from goldeneye.label_conditions import condition
from goldeneye.sql_files import sql
from query.asking.statements import filled
from query.service import QueryService, SqlQuery


class AlertHistory:
    """See alerting.alerts.history.History; thread-safe."""

    def __init__(self, service: QueryService) -> None:
        self._service = service

    def events(self, which: Selection, alert_id: str | None, span: Span, rest: Rest) -> Found:
        params = {"states": sorted(which.states) or None, "alert_id": alert_id}
        after = _after(EVENT_PLACE, rest)
        return self._answer("alert_history", which, params | after, _before(span, rest))

    def statistics(self, which: Selection, span: Span) -> Found:
        params = {
            "end_ns": span.end_ns,
            "flapping_transitions": FLAPPING_TRANSITIONS,
            "flapping_window_ns": FLAPPING_WINDOW_NS,
        }
        # Firings that began in the range may end after it.
        return self._answer("alert_statistics", which, params, Span(span.start_ns))

    def notifications(self, which: Told, span: Span, rest: Rest) -> Found:
        params = {
            "receiver": which.receiver,
            "integration": which.integration,
            "status": which.status,
            "alert_id": which.alert_id,
            **_after(NOTIFICATION_PLACE, rest),
        }
        return self._run(sql("goldeneye", "notification_history"), params, _before(span, rest))

    def _answer(self, name: str, which: Selection, params: dict[str, Any], span: Span) -> Found:
        labels = condition(which.matchers)
        chosen = {
            "rule": which.rule,
            "rule_group": which.rule_group,
            "service_name": which.service,
            "severity": which.severity,
        }
        parts = {"chosen": sql("goldeneye", "chosen_alerts"), "matchers": labels.sql}
        statement = filled(filled(sql("goldeneye", name), parts), parts)
        return self._run(statement, params | chosen | labels.params, span)

    def _run(self, statement: str, params: dict[str, Any], span: Span) -> Found:
        query = SqlQuery(statement, params, span.start_ns, span.end_ns, format="arrow")
        with self._service.run(query) as answer:
            if answer.truncated:
                raise QueryOverBudget(
                    f"the answer has more than {answer.row_count} rows (query.max_rows): "
                    "ask about less time"
                )
            return Found(answer.table().to_pylist(), answer.missing_files)


def _after(columns: tuple[str, ...], rest: Rest) -> dict[str, Any]:
    """The page begins after this row; without one, after a row later than all."""
    later = [(1 << 63) - 1, *("" for _ in columns[1:])]
    values = later if rest.after is None else rest.after
    named = {f"after_{name}": value for name, value in zip(columns, values, strict=True)}
    return {**named, "most": rest.count}


def _before(span: Span, rest: Rest) -> Span:
    if rest.after is None:
        return span
    return Span(span.start_ns, rest.after[0] + 1)
