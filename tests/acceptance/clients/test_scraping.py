"""The Collector of docs/examples/collector-prometheus.yaml: it scrapes, and we answer PromQL."""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.collector import binary
from support.server import GoldeneyeProcess

pytestmark = [pytest.mark.foreign, pytest.mark.slow]
CONFIG = Path(__file__).parents[3] / "docs" / "examples" / "collector-prometheus.yaml"
_PAGE = """\
# HELP http_requests_total Requests.
# TYPE http_requests_total counter
http_requests_total{{code="200"}} {number}
# TYPE queue_size gauge
queue_size 3
# TYPE latency_seconds histogram
latency_seconds_bucket{{le="0.5"}} {number}
latency_seconds_bucket{{le="+Inf"}} {number}
latency_seconds_sum 1.5
latency_seconds_count {number}
"""
_LATE_S = 30


class _Page(BaseHTTPRequestHandler):
    """What a target says; its counter rises with each scrape."""

    def do_GET(self) -> None:
        self.server.scrapes += 1  # type: ignore[attr-defined]
        body = _PAGE.format(number=self.server.scrapes).encode()  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is to be said on standard error."""


@pytest.fixture
def target() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    server.scrapes = 0  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def scraping(
    target: ThreadingHTTPServer, goldeneye_server: GoldeneyeProcess
) -> Iterator[GoldeneyeProcess]:
    """The server that a Collector sends to, and the target that it scrapes each second."""
    process = subprocess.Popen(
        [binary("otelcol-scraper", "scraper-builder.yaml"), "--config", CONFIG],
        env={
            **os.environ,
            "TARGET": f"127.0.0.1:{target.server_port}",
            "GOLDENEYE_OTLP_GRPC": goldeneye_server.grpc_endpoint,
            "SCRAPE_INTERVAL": "1s",
        },
        stderr=subprocess.DEVNULL,
    )
    try:
        yield goldeneye_server
    finally:
        process.terminate()
        process.wait(30)


def _vector(server: GoldeneyeProcess, query: str) -> list[dict[str, Any]]:
    answer = httpx.get(f"{server.api_url}/prometheus/api/v1/query", params={"query": query})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]["result"]
    return found


def _awaited(
    server: GoldeneyeProcess, query: str, good: Callable[[list[dict[str, Any]]], bool]
) -> list[dict[str, Any]]:
    """The Collector gives no event to wait for."""
    deadline_s = time.monotonic() + _LATE_S
    while time.monotonic() < deadline_s:
        found = _vector(server, query)
        if good(found):
            return found
        time.sleep(0.2)
    raise AssertionError(f"{query} is {found} after {_LATE_S} s")


def test_scraped_series_are_those_of_prometheus(
    scraping: GoldeneyeProcess, target: ThreadingHTTPServer
) -> None:
    """Also when the target goes: `up` falls to 0, and its series end at once."""
    instance = f"127.0.0.1:{target.server_port}"
    identity = {"job": "node", "instance": instance, "service_name": "node"}
    (up,) = _awaited(scraping, "up", lambda found: bool(found) and found[0]["value"][1] == "1")
    assert up["metric"] == {"__name__": "up", **identity}
    (rate,) = _awaited(scraping, "increase(http_requests_total[1m]) > 1", bool)
    assert rate["metric"] == {"code": "200", **identity}
    names = {one["metric"]["__name__"] for one in _vector(scraping, '{job="node"}')}
    assert {"queue_size", "latency_seconds_bucket", "latency_seconds_sum"} <= names
    assert {"scrape_duration_seconds", "scrape_samples_scraped"} <= names
    bounds = {one["metric"]["le"] for one in _vector(scraping, "latency_seconds_bucket")}
    assert bounds == {"0.5", "+Inf"}

    target.shutdown()
    target.server_close()
    _awaited(scraping, "up == 0", bool)
    for query in ("queue_size", "http_requests_total", "latency_seconds_bucket"):
        _awaited(scraping, query, lambda found: not found)
    assert len(_vector(scraping, 'up{job="node"}')) == 1
