"""Numbered items of each signal from the Python SDK: PROTOCOL ENDPOINT WRITER COUNT PAUSE_S.

Ends with 0 when everything was handed to the exporters and these were given the time to send it.
"""

import sys
import time

from opentelemetry._logs import SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from support import sdk

SCHEDULE_MS = 200
FLUSH_MS = 60_000


def main(protocol: str, endpoint: str, writer: str, count: int, pause_s: float) -> None:
    spans, logs, metrics = sdk.exporters(protocol, endpoint)
    tracers, loggers = TracerProvider(), LoggerProvider()
    tracers.add_span_processor(BatchSpanProcessor(spans, schedule_delay_millis=SCHEDULE_MS))
    loggers.add_log_record_processor(
        BatchLogRecordProcessor(logs, schedule_delay_millis=SCHEDULE_MS)
    )
    meters = MeterProvider([PeriodicExportingMetricReader(metrics, SCHEDULE_MS, FLUSH_MS)])
    tracer, logger = tracers.get_tracer("numbered"), loggers.get_logger("numbered")
    gauge = meters.get_meter("numbered").create_gauge("numbered")
    for number in range(count):
        attributes = {"writer": writer, "number": number}
        tracer.start_span("numbered", attributes=attributes).end()
        logger.emit(severity_number=SeverityNumber.INFO, body="numbered", attributes=attributes)
        gauge.set(number, attributes)
        time.sleep(pause_s)
    for provider in (tracers, loggers, meters):
        provider.force_flush(FLUSH_MS)
        provider.shutdown()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5]))
