"""Visitors come to the shop: a few hundred at once, or some each second until told to stop."""

import random
import signal
import threading
import time
from dataclasses import dataclass
from typing import Final

from goldeneye.demo.calls import JOURNEYS, services
from goldeneye.demo.instruments import Telemetry
from goldeneye.demo.journey import Visitor
from goldeneye.errors import GoldeneyeError

ONCE_TRACES: Final = 300
# Their times are spread over the minutes before now.
_ONCE_SPREAD_S: Final = 300
# The SDK's queues hold 2,048 spans a service.
_TRACES_PER_FLUSH: Final = 100


@dataclass(frozen=True)
class Summary:
    """What was made, and how many exports of it were not acknowledged."""

    traces: int
    services: int
    failures: int = 0

    def __str__(self) -> str:
        made = f"{self.traces} traces of {self.services} services"
        if self.failures:
            return f"{made} made, with their logs and metrics; {self.failures} exports failed"
        return f"{made} sent, with their logs and metrics"


def run(once: bool, rate: float, seed: int | None = None) -> Summary:
    """Send `ONCE_TRACES` traces, or `rate` a second until SIGINT or SIGTERM.

    Raises GoldeneyeError where an export was not acknowledged (with `once`).
    """
    names = services()
    telemetry = Telemetry(names, give_up=once)
    visitor = Visitor(telemetry, random.Random(seed))
    sent = _once(telemetry, visitor) if once else _until_stopped(visitor, rate)
    telemetry.close()
    if once and telemetry.failures:
        lost = ", ".join(f"{count} of {signal}" for signal, count in telemetry.failures.items())
        raise GoldeneyeError(
            f"exports failed: {lost}. Is `goldeneye serve` running? "
            "OTEL_EXPORTER_OTLP_ENDPOINT names another address."
        )
    return Summary(sent, len(names), telemetry.failures.total())


def _once(telemetry: Telemetry, visitor: Visitor) -> int:
    start_ns = time.time_ns() - _ONCE_SPREAD_S * 1_000_000_000
    step_ns = _ONCE_SPREAD_S * 1_000_000_000 // ONCE_TRACES
    for number in range(ONCE_TRACES):
        _visit(visitor, start_ns + number * step_ns)
        if number % _TRACES_PER_FLUSH == _TRACES_PER_FLUSH - 1:
            telemetry.flush()
            if telemetry.failures:
                break
    return ONCE_TRACES


def _until_stopped(visitor: Visitor, rate: float) -> int:
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    print(f"the shop sends {rate:g} traces a second; Ctrl-C ends it", flush=True)
    sent = 0
    while not stopping.wait(1 / rate):
        _visit(visitor, time.time_ns())
        sent += 1
    # The next one ends it at once.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    return sent


def _visit(visitor: Visitor, start_ns: int) -> None:
    journey = visitor.chance.choices(JOURNEYS, [journey.weight for journey in JOURNEYS])[0]
    visitor.walk(journey.root, start_ns)
