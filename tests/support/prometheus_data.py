"""Metrics of every kind, for us and for a Prometheus: twenty minutes, a point each 15 s."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    DataPointFlags,
    Metric,
    NumberDataPoint,
    SummaryDataPoint,
)
from support.backend import add_attributes, dotted
from support.metric_requests import (
    buckets,
    counter,
    exponential,
    exponential_buckets,
    gauge,
    histogram,
    metric_request,
    point,
    summary,
)
from support.remote_write import Symbols, body_v1, series_v1

STEPS: Final = 80
STEP_S: Final = 15
STALE: Final = DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK
_BOUNDS: Final = (0.005, 1.0, 2.5, 100.0, 1e6, 2.5e7, 1e21)


class Times:
    """The steps up to `end_s`."""

    def __init__(self, end_s: int) -> None:
        self.end_s = end_s
        self.start_ns = (end_s - STEPS * STEP_S) * 10**9

    def ns(self, step: int) -> int:
        return (self.end_s - (STEPS - 1 - step) * STEP_S) * 10**9

    def ms(self, step: int) -> int:
        return self.ns(step) // 10**6


def otlp_requests(times: Times) -> Iterator[ExportMetricsServiceRequest]:
    """Two services, one with all that a resource may have."""
    shop: dict[str, Any] = {
        "service__namespace": "web",
        "service__instance__id": "a-1",
        "host__name": "h1",
        "k8s__pod__uid": 7,
    }
    for service, resource in (("shop", shop), ("cart", {})):
        speed = len(service) + len(resource)
        for make in (_numbers, _named, _histograms, _exponentials, _summaries):
            for metric in make(times, speed):
                yield metric_request(metric, service, **resource)


def _series(times: Times, value: Callable[[int], float | int], **own: Any) -> list[NumberDataPoint]:
    return [point(times.ns(step), value(step), **own) for step in range(STEPS)]


def _numbers(times: Times, speed: int) -> Iterator[Metric]:
    """Rising, falling, ending and coming back."""
    requests = _series(times, lambda n: speed * n, code=200, http__route="/a")
    requests += _series(times, lambda n: (speed * n) % 37, code=500, http__route="/b")
    requests += _series(times, lambda n: n * 0.1, code=503)
    for one in requests:
        one.start_time_unix_nano = times.start_ns
    _with_exemplar(requests[10], times.ns(10))
    yield counter("http.server.requests", requests)
    yield gauge("queue.size", _series(times, lambda n: (n * 7) % 11 - 3.5, queue="q"), "By")
    yield gauge("utilization", _series(times, lambda n: n / 80), "1")
    yield gauge("strange", _series(times, _strange), "")
    held = counter("held", _series(times, lambda n: 50 - n))
    held.sum.is_monotonic = False
    yield held
    ended = _series(times, float)[:40]
    ended[-1].ClearField("value")
    ended[-1].flags = STALE
    yield gauge("ended", [*ended, *_series(times, float)[60:]], "")
    yield gauge("rare", _series(times, float)[::9], "")


def _strange(step: int) -> float:
    values = (float("nan"), float("inf"), -float("inf"), 0.0, -0.0, 1e-7, 1e21, 1e300, -5e-300, 0.1)
    return values[step % len(values)]


def _with_exemplar(one: NumberDataPoint, time_ns: int) -> None:
    made = one.exemplars.add(time_unix_nano=time_ns, as_double=2.5, trace_id=b"\x01" * 16)
    made.span_id = b"\x02" * 8
    add_attributes(made.filtered_attributes, {"user": "u1", "ok": True})


def _named(times: Times, speed: int) -> Iterator[Metric]:
    """What makes names and labels difficult."""
    del speed
    names = (
        ("7.days", "d"),
        ("a/b-c", "By/s"),
        ("requests.total", "1"),
        ("system.io", "KiBy"),
        ("temp", "Cel"),
        ("weird unit", "{thing}/m"),
        ("colon:name", ""),
        ("größe", "m"),
        ("_under__score_", "%"),
        ("foo.seconds", "s"),
    )
    for name, unit in names:
        yield gauge(name, _series(times, float)[-9:], unit)
        counted = counter(f"{name}.c", _series(times, int)[-9:])
        counted.unit = unit
        yield counted
    odd: dict[str, Any] = {
        "a.b": "dot",
        "a_b": "line",
        "1st": True,
        "_hidden": 1.5,
        "__x__": "y",
        "le": "text",
        "job": "mine",
        "ünï": "x",
        "large": 1e21,
        "million": 1e6,
        "small": 1e-7,
        "empty": "",
        "a-b c": 'quote " \\ \n',
    }
    points = _series(times, float)[-9:]
    for one in points:
        add_attributes(one.attributes, odd)
        one.attributes.add(key="bytes").value.bytes_value = b"\x00\xff"
        listed = one.attributes.add(key="list").value.array_value.values
        listed.add().string_value = "x"
        listed.add().double_value = 1.0
        members = one.attributes.add(key="map").value.kvlist_value.values
        members.add(key="k").value.int_value = 3
        one.attributes.add(key="nothing")
    yield gauge("odd.labels", points, "")


def _histograms(times: Times, speed: int) -> Iterator[Metric]:
    points = []
    for step in range(STEPS):
        counts = [step * (place + speed) // 3 for place in range(len(_BOUNDS) + 1)]
        points.append(
            buckets(times.ns(step), counts, _BOUNDS, times.start_ns, step * 1.5, http__route="/a")
        )
    points[30].flags = STALE
    slow = points[70].exemplars.add(time_unix_nano=times.ns(70), as_double=3e6)
    slow.trace_id, slow.span_id = b"\x03" * 16, b"\x04" * 8
    yield histogram("request.duration", points)
    without_sum = [buckets(times.ns(n), (n, n), (5.0,), times.start_ns) for n in range(STEPS)]
    for one in without_sum:
        one.ClearField("sum")
    yield histogram("no.sum", without_sum)


def _exponentials(times: Times, speed: int) -> Iterator[Metric]:
    for name, scale in (("exp.fine", 10), ("exp.plain", 2), ("exp.coarse", -4)):
        points = []
        for step in range(STEPS):
            made = exponential_buckets(
                times.ns(step),
                scale,
                -3,
                [step, 0, 2 * step, 0, 0, 0, speed * step],
                times.start_ns,
                zero_count=step,
                negative=[0, step],
            )
            made.sum = step * 2.25
            points.append(made)
        yield exponential(name, points)


def _summaries(times: Times, speed: int) -> Iterator[Metric]:
    points = []
    for step in range(STEPS):
        one = SummaryDataPoint(time_unix_nano=times.ns(step), count=step * speed, sum=step * 0.5)
        for quantile in (0.0, 0.5, 0.99, 1.0):
            one.quantile_values.add(quantile=quantile, value=quantile * step)
        add_attributes(one.attributes, dotted({"rpc__method": "get"}))
        points.append(one)
    yield summary("rpc.time", points)


def remote_write_bodies(times: Times) -> Iterator[tuple[dict[str, str], bytes]]:
    """Headers and body of 1.0 and of 2.0."""
    steps = range(STEPS)
    labels = {"__name__": "scraped_total", "job": "node", "instance": "h:9100", "a.b": "ü"}
    up = {"__name__": "up", "job": "node", "instance": "h:9100"}
    bucket = {"__name__": "scraped_seconds_bucket", "job": "node", "instance": "h:9100"}
    sent = [
        series_v1(labels, [(n * 2.5, times.ms(n)) for n in steps]),
        series_v1(up, [(float(n % 20 != 0), times.ms(n)) for n in steps]),
        *(
            series_v1(bucket | {"le": le}, [(float(n * each), times.ms(n)) for n in steps])
            for each, le in enumerate(("0.1", "1.0", "1e+06", "+Inf"), 1)
        ),
    ]
    yield (
        {"Content-Type": "application/x-protobuf", "X-Prometheus-Remote-Write-Version": "0.1.0"},
        body_v1(sent),
    )
    symbols = Symbols()
    second = [
        symbols.series(
            {"__name__": "newer", "job": "j2", "x": str(one)},
            [(n * one, times.ms(n)) for n in steps],
        )
        for one in range(3)
    ]
    yield (
        {
            "Content-Type": "application/x-protobuf;proto=io.prometheus.write.v2.Request",
            "X-Prometheus-Remote-Write-Version": "2.0.0",
        },
        symbols.body(second),
    )
