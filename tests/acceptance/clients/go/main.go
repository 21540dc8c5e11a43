// Numbered items of each signal from the Go SDK: ENDPOINT WRITER COUNT PAUSE_S.
// Ends with 0 only where every export was acknowledged.
package main

import (
	"context"
	"log"
	"os"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	otellog "go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

const (
	schedule = 200 * time.Millisecond
	patience = time.Minute
)

func main() {
	endpoint, writer := os.Args[1], os.Args[2]
	count, err := strconv.Atoi(os.Args[3])
	check(err)
	pause, err := strconv.ParseFloat(os.Args[4], 64)
	check(err)
	ctx := context.Background()
	spans, logs, points := exporters(ctx, endpoint)
	tracers := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(spans, sdktrace.WithBatchTimeout(schedule), sdktrace.WithExportTimeout(patience)))
	loggers := sdklog.NewLoggerProvider(sdklog.WithProcessor(
		sdklog.NewBatchProcessor(logs, sdklog.WithExportInterval(schedule), sdklog.WithExportTimeout(patience))))
	meters := sdkmetric.NewMeterProvider(sdkmetric.WithReader(
		sdkmetric.NewPeriodicReader(points, sdkmetric.WithInterval(schedule), sdkmetric.WithTimeout(patience))))
	gauge, err := meters.Meter("numbered").Int64Gauge("numbered")
	check(err)
	for number := range count {
		by := []attribute.KeyValue{attribute.String("writer", writer), attribute.Int("number", number)}
		_, span := tracers.Tracer("numbered").Start(ctx, "numbered")
		span.SetAttributes(by...)
		span.End()
		emit(ctx, loggers.Logger("numbered"), writer, number)
		gauge.Record(ctx, int64(number), metric.WithAttributes(by...))
		time.Sleep(time.Duration(pause * float64(time.Second)))
	}
	check(tracers.Shutdown(ctx))
	check(loggers.Shutdown(ctx))
	check(meters.Shutdown(ctx))
}

func emit(ctx context.Context, logger otellog.Logger, writer string, number int) {
	var record otellog.Record
	record.SetTimestamp(time.Now())
	record.SetBody(otellog.StringValue("numbered"))
	record.AddAttributes(otellog.String("writer", writer), otellog.Int("number", number))
	logger.Emit(ctx, record)
}

// Over gRPC: the SDK's HTTP exporters drop what they cannot connect for.
func exporters(ctx context.Context, address string) (sdktrace.SpanExporter, sdklog.Exporter, sdkmetric.Exporter) {
	spans, err := otlptracegrpc.New(ctx, otlptracegrpc.WithInsecure(), otlptracegrpc.WithEndpoint(address))
	check(err)
	logs, err := otlploggrpc.New(ctx, otlploggrpc.WithInsecure(), otlploggrpc.WithEndpoint(address))
	check(err)
	points, err := otlpmetricgrpc.New(ctx, otlpmetricgrpc.WithInsecure(), otlpmetricgrpc.WithEndpoint(address))
	check(err)
	return spans, logs, points
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
