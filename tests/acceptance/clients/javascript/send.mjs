// Sends one trace, one log record and some points to OTEL_EXPORTER_OTLP_ENDPOINT as OTLP JSON,
// and ends with 0 only where every export was acknowledged.
import { SpanKind, SpanStatusCode, context, trace } from "@opentelemetry/api";
import { SeverityNumber } from "@opentelemetry/api-logs";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";

let failures = 0;
function counted(exporter) {
  const original = exporter.export.bind(exporter);
  exporter.export = (items, done) =>
    original(items, (result) => {
      if (result.code !== 0) {
        failures += 1;
        console.error(result.error);
      }
      done(result);
    });
  return exporter;
}

const resource = resourceFromAttributes({ "service.name": "browser-shop", "process.pid": 4711 });
const tracers = new BasicTracerProvider({
  resource,
  spanProcessors: [new SimpleSpanProcessor(counted(new OTLPTraceExporter()))],
});
const loggers = new LoggerProvider({
  resource,
  processors: [new SimpleLogRecordProcessor({ exporter: counted(new OTLPLogExporter()) })],
});
const reader = new PeriodicExportingMetricReader({ exporter: counted(new OTLPMetricExporter()) });
const meters = new MeterProvider({ resource, readers: [reader] });

const tracer = tracers.getTracer("javascript-client", "1.0.0");
const root = tracer.startSpan("checkout", {
  kind: SpanKind.SERVER,
  attributes: {
    "http.route": "/checkout",
    "shop.text": "ein Schlüssel ☃",
    "shop.integer": 42,
    "shop.double": 0.1,
    "shop.flag": true,
    "shop.list": ["a", "b"],
  },
});
const inside = trace.setSpan(context.active(), root);
const child = tracer.startSpan("charge", { kind: SpanKind.CLIENT }, inside);
child.addEvent("declined", { reason: "limit" });
child.setStatus({ code: SpanStatusCode.ERROR, message: "card declined" });
child.end();
root.end();

loggers.getLogger("javascript-client").emit({
  context: inside,
  severityNumber: SeverityNumber.WARN,
  severityText: "WARN",
  body: { what: "declined", amount: 12.5 },
  attributes: { "shop.order": 7 },
});

const meter = meters.getMeter("javascript-client");
meter.createCounter("shop.orders", { unit: "{order}" }).add(3, { "payment.method": "card" });
meter.createHistogram("shop.total", { unit: "EUR" }).record(12.5);

await tracers.shutdown();
await loggers.shutdown();
await meters.shutdown();
console.log(JSON.stringify({ traceId: root.spanContext().traceId }));
process.exit(failures === 0 ? 0 : 1);
