"""The SDK of each service: its tracer, logger and instruments, and one exporter a signal."""

import os
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from opentelemetry._logs import Logger
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogs
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetrics
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpans
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogs
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetrics
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans
from opentelemetry.metrics import Counter as SumInstrument
from opentelemetry.metrics import Histogram, UpDownCounter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Tracer

from goldeneye import __version__
from goldeneye.errors import ConfigurationError

_EXPORT_INTERVAL_MS: Final = 5_000
_EXPORT_TIMEOUT_MS: Final = 5_000
_SCOPE: Final = "goldeneye.demo"
_EXPORTERS: Final[dict[str, dict[str, Callable[..., Any]]]] = {
    "grpc": {"traces": GrpcSpans, "logs": GrpcLogs, "metrics": GrpcMetrics},
    "http/protobuf": {"traces": HttpSpans, "logs": HttpLogs, "metrics": HttpMetrics},
}


@dataclass(frozen=True)
class Instruments:
    """What one service reports with."""

    tracer: Tracer
    logger: Logger
    request_duration: Histogram
    database_duration: Histogram
    orders: SumInstrument
    items_in_carts: UpDownCounter


class Telemetry:
    """The SDKs of all services; `failures` counts the exports that were not acknowledged.

    With `give_up`, nothing more is tried after one of them.
    """

    def __init__(self, services: tuple[str, ...], give_up: bool) -> None:
        self._give_up = give_up
        self.failures: Counter[str] = Counter()
        self._failing = set[str]()
        self._lock = threading.Lock()
        self._exporters = {name: self._counted(name, make) for name, make in _chosen().items()}
        self._providers: list[TracerProvider | LoggerProvider | MeterProvider] = []
        self.services = {name: self._instruments(name) for name in services}

    def flush(self) -> None:
        """Send what waits to be sent."""
        for provider in self._providers:
            provider.force_flush(_EXPORT_TIMEOUT_MS)

    def close(self) -> None:
        """Send the rest, where somebody takes it, and close the connections."""
        self._give_up = True
        self.flush()
        for exporter in self._exporters.values():
            exporter.shutdown()

    def _counted(self, signal: str, make: Callable[..., Any]) -> Any:
        """An exporter that all services share: one call at a time, failures counted."""
        exporter = make(timeout=_EXPORT_TIMEOUT_MS / 1000)
        export = exporter.export
        last: list[Any] = []

        def counted(*arguments: Any, **options: Any) -> Any:
            with self._lock:
                if self._give_up and signal in self._failing:
                    self.failures[signal] += 1
                    return last[-1]
                result = export(*arguments, **options)
                last[:] = [result]
                self._failing.discard(signal)
                if result.name != "SUCCESS":
                    self.failures[signal] += 1
                    self._failing.add(signal)
            return result

        exporter.export = counted
        return exporter

    def _instruments(self, service: str) -> Instruments:
        resource = _resource(service)
        tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
        tracers.add_span_processor(BatchSpanProcessor(self._exporters["traces"]))
        loggers = LoggerProvider(resource=resource, shutdown_on_exit=False)
        loggers.add_log_record_processor(BatchLogRecordProcessor(self._exporters["logs"]))
        meters = self._meters(resource)
        self._providers += [tracers, loggers, meters]
        meter = meters.get_meter(_SCOPE, __version__)
        return Instruments(
            tracer=tracers.get_tracer(_SCOPE, __version__),
            logger=loggers.get_logger(_SCOPE, __version__),
            request_duration=meter.create_histogram(
                "http.server.request.duration",
                "s",
                "Duration of HTTP server requests.",
                explicit_bucket_boundaries_advisory=[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
            ),
            database_duration=meter.create_histogram(
                "db.client.operation.duration", "s", "Duration of database client operations."
            ),
            orders=meter.create_counter("shop.orders", "{order}", "Orders that were placed."),
            items_in_carts=meter.create_up_down_counter(
                "shop.cart.items", "{item}", "Items that lie in carts."
            ),
        )

    def _meters(self, resource: Resource) -> MeterProvider:
        reader = PeriodicExportingMetricReader(
            self._exporters["metrics"], export_interval_millis=_EXPORT_INTERVAL_MS
        )
        exponential = View(
            instrument_name="db.client.operation.duration",
            aggregation=ExponentialBucketHistogramAggregation(),
        )
        return MeterProvider(
            [reader], resource=resource, views=[exponential], shutdown_on_exit=False
        )


def _chosen() -> dict[str, Callable[..., Any]]:
    """The exporters of OTEL_EXPORTER_OTLP_PROTOCOL; they read the endpoint themselves."""
    protocol = os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    if protocol not in _EXPORTERS:
        raise ConfigurationError(
            f"OTEL_EXPORTER_OTLP_PROTOCOL={protocol}: the demo speaks {' and '.join(_EXPORTERS)}"
        )
    return _EXPORTERS[protocol]


def _resource(service: str) -> Resource:
    return Resource.create(
        {
            "service.name": service,
            "service.namespace": "shop",
            "service.version": "1.4.2",
            "service.instance.id": f"{service}-0",
            "deployment.environment.name": "demo",
            "host.name": f"{service}-0",
        }
    )
