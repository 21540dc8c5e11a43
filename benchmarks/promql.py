"""How long PromQL takes over HTTP, and how much memory: rates and quantiles of many series.

    python benchmarks/promql.py [--series 10000] [--hours 6] [--runs 5] [--target URL [--pid PID]]

A server of its own is filled over OTLP/HTTP with points of the last hours, each 15 s: half of the
series are counters of 100 services, half the buckets of histograms (12 series each, as Prometheus
counts them). It is asked while files are merged in the background, then once more after a wait.
With `--target` a server that runs already is filled and asked instead, such as Prometheus with
its OTLP receiver (`--target http://localhost:9090 --otlp /api/v1/otlp --root /api/v1 --pid 123`,
configured by tests/acceptance/clients/prometheus/prometheus.yaml, so that series tell their
service). Times are wall-clock seconds of the client; CPU and memory are those of all the server's
processes, the peak as seen ten times a second.
"""

import argparse
import contextlib
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from processes import cost

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.server import running  # noqa: E402

STEP_S: Final = 15
_SERVICES: Final = 100
_SERIES_A_BODY: Final = 10_000
_WATCHED_EACH_S: Final = 0.1
_BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
# Of a histogram in Prometheus: its buckets with +Inf, count and sum.
_SERIES_A_HISTOGRAM: Final = len(_BOUNDS) + 3
# Numbers that stand in a template where each point has its own.
_TIME: Final = 0x1122334455667788
_COUNT: Final = 0x1122334455667799
_VALUE: Final = 1.2345678901234567e300


@dataclass(frozen=True)
class Template:
    """A request of all series, in which times and values are replaced."""

    body: bytes
    times: Any
    values: Any
    counts: Any

    def at(self, number: int, time_ns: int) -> bytes:
        """The request of one step."""
        body = np.frombuffer(self.body, np.uint8).copy()
        speeds = 1 + np.arange(len(self.values)) % 10
        _put(body, self.times, np.full(len(self.times), time_ns, np.uint64))
        _put(body, self.values, (number * speeds).astype(np.float64))
        _put(body, self.counts, np.full(len(self.counts), number, np.uint64))
        return body.tobytes()


def _put(body: Any, places: Any, numbers: Any) -> None:
    body[places[:, None] + np.arange(8)] = numbers.view(np.uint8).reshape(-1, 8)


def template(services: range, counters: int, histograms: int) -> Template:
    """The series of these services, so many of each."""
    body = b"".join(_body(service, counters, histograms) for service in services)
    numbers = (np.uint64(_TIME), np.float64(_VALUE), np.uint64(_COUNT))
    return Template(body, *(_places(body, number.tobytes()) for number in numbers))


def _body(service: int, counters: int, histograms: int) -> bytes:
    request = ExportMetricsServiceRequest()
    envelope = request.resource_metrics.add()
    for key, value in (("service.name", f"service-{service}"), ("service.instance.id", "a")):
        envelope.resource.attributes.add(key=key).value.string_value = value
    metrics = envelope.scope_metrics.add().metrics
    counted = metrics.add(name="http.server.requests").sum
    counted.aggregation_temporality, counted.is_monotonic = 2, True  # type: ignore[assignment]
    for number in range(counters):
        point = counted.data_points.add(time_unix_nano=_TIME, as_double=_VALUE)
        _describe(point.attributes, number)
    measured = metrics.add(name="http.server.duration", unit="s").histogram
    measured.aggregation_temporality = 2  # type: ignore[assignment]
    for number in range(histograms):
        buckets = [_COUNT] * (len(_BOUNDS) + 1)
        point = measured.data_points.add(
            time_unix_nano=_TIME, count=_COUNT, sum=_VALUE, bucket_counts=buckets
        )
        point.explicit_bounds.extend(_BOUNDS)
        _describe(point.attributes, number)
    return bytes(request.SerializeToString())


def _describe(attributes: Any, number: int) -> None:
    route, code = f"/route/{number // 5}", str(200 + number % 5)
    for key, value in (("http.route", route), ("http.response.status_code", code)):
        attributes.add(key=key).value.string_value = value


def _places(body: bytes, wanted: bytes) -> Any:
    found, place = [], body.find(wanted)
    while place >= 0:
        found.append(place)
        place = body.find(wanted, place + 8)
    return np.array(found, np.int64)


def fill(url: str, series: int, hours: float, end_s: int) -> None:
    """Send all points, oldest first."""
    counters = max(1, series // 2 // _SERVICES)
    histograms = max(1, series // 2 // _SERIES_A_HISTOGRAM // _SERVICES)
    each = max(1, _SERVICES * _SERIES_A_BODY // series)
    first = range(0, _SERVICES, each)
    shares = [range(one, min(one + each, _SERVICES)) for one in first]
    templates = [template(share, counters, histograms) for share in shares]
    steps = int(hours * 3600 / STEP_S)
    with httpx.Client(timeout=60) as client:
        for number in range(steps):
            time_ns = (end_s - (steps - 1 - number) * STEP_S) * 10**9
            for one in templates:
                response = client.post(
                    f"{url}/v1/metrics",
                    content=one.at(number, time_ns),
                    headers={"Content-Type": "application/x-protobuf"},
                )
                response.raise_for_status()


def questions(end_s: int) -> dict[str, tuple[str, dict[str, Any]]]:
    """Path and parameters by name."""
    hour = {"start": end_s - 3600, "end": end_s, "step": STEP_S}
    rate = "sum by (service_name) (rate(http_server_requests_total[5m]))"
    quantile = (
        "histogram_quantile(0.99, sum by (service_name, le) "
        "(rate(http_server_duration_seconds_bucket[5m])))"
    )
    one = 'rate(http_server_requests_total{service_name="service-7"}[5m])'
    return {
        "rate by service, 1 h by 15 s": ("query_range", {"query": rate} | hour),
        "p99 by service, 1 h by 15 s": ("query_range", {"query": quantile} | hour),
        "rate of one service, 1 h by 15 s": ("query_range", {"query": one} | hour),
        "rate by service, one instant": ("query", {"query": rate, "time": end_s}),
        "p99 by service, one instant": ("query", {"query": quantile, "time": end_s}),
        "one counter, one instant": (
            "query",
            {"query": 'sum(http_server_requests_total{service_name="service-7"})', "time": end_s},
        ),
        "values of a label, 1 h": ("label/http_route/values", {"start": end_s - 3600}),
        "names, 1 h": ("label/__name__/values", {"start": end_s - 3600}),
    }


class Peak:
    """The most memory that a process and its children have had while the block ran."""

    def __init__(self, pid: int | None) -> None:
        self._pid = pid
        self._done = threading.Event()
        self.resident_bytes = 0
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        while self._pid is not None:
            self.resident_bytes = max(self.resident_bytes, cost(self._pid).resident_bytes)
            if self._done.wait(_WATCHED_EACH_S):
                return

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()


def ask(url: str, end_s: int, runs: int, pid: int | None) -> None:
    """Print what each question took."""
    titles = f"{'first s':>8} {'median s':>8} {'CPU s':>7} {'peak MiB':>8} {'entries':>8}"
    print(f"{'question':36} {titles}")
    with httpx.Client(timeout=300) as client:
        for name, (path, params) in questions(end_s).items():
            times, before_s = [], 0.0 if pid is None else cost(pid).cpu_s
            with Peak(pid) as peak:
                for _ in range(runs):
                    started_s = time.perf_counter()
                    response = client.get(f"{url}/{path}", params=params)
                    times.append(time.perf_counter() - started_s)
            if response.status_code != 200:
                print(f"{name:36} {response.status_code} {response.text[:200]}")
                continue
            cpu_s = 0.0 if pid is None else (cost(pid).cpu_s - before_s) / runs
            data = response.json()["data"]
            entries = len(data["result"] if isinstance(data, dict) else data)
            median_s = float(np.median(times[1:] or times))
            peak_mib = peak.resident_bytes / 2**20
            found = f"{times[0]:8.3f} {median_s:8.3f} {cpu_s:7.2f} {peak_mib:8.0f} {entries:8}"
            print(f"{name:36} {found}")


@contextlib.contextmanager
def served(
    target: str | None, pid: int | None, otlp: str, root: str
) -> Iterator[tuple[str, str, int | None, Any]]:
    """Where to send and ask, and the server's process."""
    if target is not None:
        yield f"{target}{otlp}", f"{target}{root}", pid, None
        return
    environment = {"GOLDENEYE_QUERY__TIMEOUT_S": "300", "GOLDENEYE_WAL__SYNC": "none"}
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "data", **environment) as server,
    ):
        api = f"{server.api_url}/prometheus/api/v1"
        yield server.http_endpoint, api, server.process.pid, server


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=10_000)
    parser.add_argument("--hours", type=float, default=6.0)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--target")
    parser.add_argument("--pid", type=int)
    parser.add_argument("--otlp", default="")
    parser.add_argument("--root", default="/prometheus/api/v1")
    options = parser.parse_args()
    end_s = int(time.time()) // STEP_S * STEP_S
    with served(options.target, options.pid, options.otlp, options.root) as (
        otlp,
        api,
        pid,
        server,
    ):
        started_s = time.perf_counter()
        fill(otlp, options.series, options.hours, end_s)
        print(f"filled in {time.perf_counter() - started_s:.0f} s")
        if server is not None:
            server.flushed()
        ask(api, end_s, options.runs, pid)
        if pid is not None:
            print(f"resident {cost(pid).resident_bytes / 2**20:.0f} MiB")


if __name__ == "__main__":
    main()
