// Numbered items of each signal as OTLP JSON to OTEL_EXPORTER_OTLP_ENDPOINT: WRITER COUNT PAUSE_S.
import { setTimeout } from "node:timers/promises";
import { ValueType } from "@opentelemetry/api";
import { SeverityNumber } from "@opentelemetry/api-logs";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";

const [writer, count, pause_s] = process.argv.slice(2);
const delays = { scheduledDelayMillis: 200, exportTimeoutMillis: 60_000 };
const sending = { timeoutMillis: 60_000 };
const tracers = new BasicTracerProvider({
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter(sending), delays)],
});
const loggers = new LoggerProvider({
  processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(sending), ...delays })],
});
const reader = new PeriodicExportingMetricReader({
  exporter: new OTLPMetricExporter(sending),
  exportIntervalMillis: 200,
  exportTimeoutMillis: 200,
});
const meters = new MeterProvider({ readers: [reader] });
const tracer = tracers.getTracer("numbered");
const logger = loggers.getLogger("numbered");
const gauge = meters.getMeter("numbered").createGauge("numbered", { valueType: ValueType.INT });

for (let number = 0; number < Number(count); number++) {
  const attributes = { writer, number };
  tracer.startSpan("numbered", { attributes }).end();
  logger.emit({ severityNumber: SeverityNumber.INFO, body: "numbered", attributes });
  gauge.record(number, attributes);
  await setTimeout(Number(pause_s) * 1000);
}
await tracers.forceFlush();
await loggers.forceFlush();
await setTimeout(1000);
await Promise.allSettled([tracers.shutdown(), loggers.shutdown(), meters.shutdown()]);
