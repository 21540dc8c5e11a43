"""Scrapes of the shop's metrics: the same series every 15 s, with values that go on."""

import random
from collections.abc import Iterator
from typing import Any, Final

import payloads
import shop
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)

SCRAPE_S: Final = 15
_INSTANCES: Final = 4
_ROUTES: Final = 10
_QUEUES: Final = 5
_BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)


class Points:
    """Of each instance of each service: ten counters, five gauges and three histograms."""

    def __init__(self, seed: int = 1) -> None:
        self._rng = random.Random(seed)
        self._request = ExportMetricsServiceRequest()
        self._counters: list[Any] = []
        self._gauges: list[Any] = []
        self._histograms: list[Any] = []
        for service in shop.SERVICES:
            for instance in range(_INSTANCES):
                self._add_instance(service, instance)

    @property
    def points(self) -> int:
        """In one scrape."""
        return len(self._counters) + len(self._gauges) + len(self._histograms)

    def bodies(self, count: int) -> Iterator[tuple[bytes, int]]:
        """So many scrapes, each with the time at which it arrives."""
        for number in range(1, count + 1):
            at_ns = payloads.START_NS + number * SCRAPE_S * 10**9
            self._go_on(at_ns)
            yield bytes(self._request.SerializeToString()), at_ns

    def _add_instance(self, service: str, instance: int) -> None:
        envelope = self._request.resource_metrics.add()
        for key, value in shop.resource(service, instance):
            payloads.attribute(envelope.resource.attributes.add(), key, value)
        scoped: Any = envelope.scope_metrics.add()
        scoped.scope.name = "opentelemetry.instrumentation.asgi"
        requests, queues, durations = (scoped.metrics.add() for _ in range(3))
        requests.name, requests.unit = "http.server.requests", "{request}"
        requests.sum.aggregation_temporality, requests.sum.is_monotonic = 2, True
        queues.name, queues.unit = "shop.queue.fill", "1"
        durations.name, durations.unit = "http.server.request.duration", "s"
        durations.histogram.aggregation_temporality = 2
        for number in range(_ROUTES):
            point = self._counted(requests.sum, number)
            self._counters.append(point)
            if number < 3:
                self._histograms.append(self._counted(durations.histogram, number))
        for number in range(_QUEUES):
            point = queues.gauge.data_points.add()
            payloads.attribute(point.attributes.add(), "shop.queue", f"queue-{number}")
            self._gauges.append(point)

    def _counted(self, metric: Any, number: int) -> Any:
        point = metric.data_points.add()
        point.start_time_unix_nano = payloads.START_NS
        payloads.attribute(point.attributes.add(), "http.request.method", "GET")
        payloads.attribute(point.attributes.add(), "http.route", f"/api/v1/items/{number}")
        payloads.attribute(point.attributes.add(), "http.response.status_code", 200)
        return point

    def _go_on(self, at_ns: int) -> None:
        rng = self._rng
        for point in self._counters:
            point.time_unix_nano = at_ns
            point.as_int += rng.randrange(200)
        for point in self._gauges:
            point.time_unix_nano = at_ns
            point.as_double = min(1.0, max(0.0, point.as_double + rng.uniform(-0.05, 0.06)))
        for point in self._histograms:
            point.time_unix_nano = at_ns
            counts = list(point.bucket_counts) or [0] * (len(_BOUNDS) + 1)
            for _ in range(8):
                counts[int(rng.betavariate(2, 4) * len(counts))] += rng.randrange(10)
            point.ClearField("bucket_counts")
            point.bucket_counts.extend(counts)
            if not point.explicit_bounds:
                point.explicit_bounds.extend(_BOUNDS)
            point.count, point.sum = sum(counts), point.sum + rng.uniform(0, 20)
