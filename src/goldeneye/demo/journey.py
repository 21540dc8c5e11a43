"""One visitor's journey: its spans, logs and measurements, at times that are simulated."""

import math
import random
from dataclasses import dataclass
from typing import Final

from opentelemetry import trace
from opentelemetry._logs import SeverityNumber
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, StatusCode

from goldeneye.demo.calls import Call
from goldeneye.demo.instruments import Telemetry

_KINDS: Final = {
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "internal": SpanKind.INTERNAL,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
}
# A message waits this long until it is consumed, at the median.
_QUEUE_MS: Final = 40.0
# One call in fifty meets a busy machine.
_SLOW_RATIO: Final = 0.02
_SLOW_FACTOR: Final = 8.0


class CallFailed(Exception):
    """What a failing call records as its exception."""


@dataclass(frozen=True)
class Outcome:
    end_ns: int
    error: str | None


class Visitor:
    """Walks through calls, and reports each with its own service's SDK."""

    def __init__(self, telemetry: Telemetry, chance: random.Random) -> None:
        self._telemetry = telemetry
        self.chance = chance
        # Of each error, how much of one is due: they come evenly, so that a few visits have some.
        self._due: dict[str, float] = {}

    def walk(self, call: Call, start_ns: int, parent: Context | None = None) -> Outcome:
        """Report the call and all below it."""
        service = self._telemetry.services[call.service]
        span = service.tracer.start_span(
            call.name,
            context=parent if parent is not None else Context(),
            kind=_KINDS[call.kind],
            attributes={**call.attributes, "session.id": f"{self.chance.getrandbits(32):08x}"}
            if parent is None
            else call.attributes,
            links=_link(parent) if call.kind == "consumer" else (),
            start_time=start_ns,
        )
        outcome = self._inside(call, span, start_ns)
        self._report(call, span, start_ns, outcome)
        span.end(outcome.end_ns)
        return outcome

    def _inside(self, call: Call, span: Span, start_ns: int) -> Outcome:
        """The children, one after the other or at once, and then the call's own fault."""
        at_ns = end_ns = start_ns + self._duration_ns(call.own_ms / 2)
        error = None
        for child in call.children:
            waited_ns = self._duration_ns(_QUEUE_MS) if child.kind == "consumer" else 0
            outcome = self.walk(child, at_ns + waited_ns, _context(call, child, span))
            error = error or outcome.error
            if child.kind != "consumer":
                end_ns = max(end_ns, outcome.end_ns)
                at_ns = at_ns if call.parallel else end_ns
            if error:
                break
        end_ns += self._duration_ns(call.own_ms / 2)
        if error is None and self._fails(call):
            error = call.error
            span.record_exception(CallFailed(error), timestamp=end_ns)
        return Outcome(end_ns, error)

    def _fails(self, call: Call) -> bool:
        if not call.error:
            return False
        due = self._due.setdefault(call.error, self.chance.random()) + call.error_ratio
        self._due[call.error] = due % 1.0
        return due >= 1.0

    def _duration_ns(self, median_ms: float) -> int:
        slow = _SLOW_FACTOR if self.chance.random() < _SLOW_RATIO else 1.0
        return int(self.chance.lognormvariate(math.log(median_ms), 0.35) * slow * 1e6)

    def _report(self, call: Call, span: Span, start_ns: int, outcome: Outcome) -> None:
        inside = trace.set_span_in_context(span)
        seconds = (outcome.end_ns - start_ns) / 1e9
        if outcome.error:
            span.set_status(StatusCode.ERROR, outcome.error)
            span.set_attribute("error.type", outcome.error.split(":")[0])
        if "http.route" in call.attributes:
            self._report_request(call, span, outcome, seconds, inside)
        if "db.system.name" in call.attributes:
            system = {"db.system.name": call.attributes["db.system.name"]}
            service = self._telemetry.services[call.service]
            service.database_duration.record(seconds, system, inside)
        if call.name == "shop.Cart/Add" and call.kind == "server":
            self._telemetry.services["cart"].items_in_carts.add(1, {}, inside)
        if call.name == "shop.Checkout/PlaceOrder" and call.kind == "server":
            self._report_order(span, outcome, inside)

    def _report_request(
        self, call: Call, span: Span, outcome: Outcome, seconds: float, inside: Context
    ) -> None:
        status_code = 500 if outcome.error else 200
        span.set_attribute("http.response.status_code", status_code)
        attributes = {
            "http.request.method": call.attributes["http.request.method"],
            "http.route": call.attributes["http.route"],
            "http.response.status_code": status_code,
        }
        service = self._telemetry.services[call.service]
        service.request_duration.record(seconds, attributes, inside)
        service.logger.emit(
            timestamp=outcome.end_ns,
            observed_timestamp=outcome.end_ns,
            context=inside,
            severity_number=SeverityNumber.ERROR if outcome.error else SeverityNumber.INFO,
            severity_text="ERROR" if outcome.error else "INFO",
            body=f"{call.name} answered {status_code} in {seconds * 1000:.1f} ms",
            attributes=attributes,
        )

    def _report_order(self, span: Span, outcome: Outcome, inside: Context) -> None:
        service = self._telemetry.services["checkout"]
        if outcome.error:
            service.logger.emit(
                timestamp=outcome.end_ns,
                observed_timestamp=outcome.end_ns,
                context=inside,
                severity_number=SeverityNumber.ERROR,
                severity_text="ERROR",
                body=f"order not placed: {outcome.error}",
                attributes={
                    "exception.type": outcome.error.split(":")[0],
                    "exception.message": outcome.error,
                },
            )
            return
        total = round(self.chance.uniform(5, 400), 2)
        span.add_event("order placed", {"order.total": total}, timestamp=outcome.end_ns)
        service.orders.add(1, {"payment.method": "card"}, inside)
        self._telemetry.services["cart"].items_in_carts.add(-1, {}, inside)
        service.logger.emit(
            timestamp=outcome.end_ns,
            observed_timestamp=outcome.end_ns,
            context=inside,
            severity_number=SeverityNumber.INFO,
            severity_text="INFO",
            body={"message": "order placed", "total": total, "currency": "EUR"},
            event_name="shop.order.placed",
        )


def _context(call: Call, child: Call, span: Span) -> Context:
    """What the child sees of its parent: the span itself, or what travels to another service."""
    if child.service == call.service:
        return trace.set_span_in_context(span)
    here = span.get_span_context()
    travelled = SpanContext(here.trace_id, here.span_id, True, here.trace_flags, here.trace_state)
    return trace.set_span_in_context(trace.NonRecordingSpan(travelled))


def _link(parent: Context | None) -> list[Link]:
    return [Link(trace.get_current_span(parent).get_span_context())]
