"""A server that asks for tokens, and what Grafana is shown of it."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import yaml
from support.metric_requests import (
    buckets,
    counter,
    exponential,
    exponential_buckets,
    gauge,
    histogram,
    metric_request,
    point,
)
from support.server import GoldeneyeProcess, running

STEP_S: Final = 15
POINTS: Final = 41
TRACE_ID: Final = "0af7651916cd43dd8448eb211c80319c"
TOKENS: Final = [
    {"name": one, "token": one, "scopes": [may]}
    for one, may in (("sender", "ingest"), ("reader", "read"))
]
RULE: Final = {"record": "code:rate", "expr": "rate(missing_total[5m])", "labels": {"team": "a"}}
RULES: Final = {"groups": [{"name": "rates", "rules": [RULE]}]}
SHOP: Final = {"job": "shop", "service_name": "shop"}


@contextmanager
def measured(folder: Path) -> Iterator[tuple[GoldeneyeProcess, int]]:
    """The server, which `reader` may ask, and the second of its last points."""
    # At a step of each query, since Grafana brings ranges to steps.
    end_s = int(time.time()) // 300 * 300
    files = {
        "GOLDENEYE_AUTH__TOKENS_FILE": _file(folder, "tokens", TOKENS),
        "GOLDENEYE_ALERTING__RULE_FILES": json.dumps([_file(folder, "rules", RULES)]),
    }
    with running(folder / "data", **files) as started:
        headers = {"Authorization": "Bearer sender", "Content-Type": "application/x-protobuf"}
        for metric in _metrics(end_s):
            body = metric_request(metric).SerializeToString()
            url = f"{started.http_endpoint}/v1/metrics"
            assert httpx.post(url, content=body, headers=headers).status_code == 200
        yield started, end_s


def _file(folder: Path, name: str, content: Any) -> str:
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(content))
    return str(path)


def _metrics(end_s: int) -> list[Any]:
    """A point each 15 s for ten minutes; the number of the last is 40."""
    at_ns = [(end_s - (POINTS - 1 - number) * STEP_S) * 10**9 for number in range(POINTS)]
    slow = [buckets(at, (n, 2 * n, n), (0.1, 0.5), total=0.5 * n) for n, at in enumerate(at_ns)]
    slow[30].exemplars.add(
        time_unix_nano=at_ns[30], as_double=0.3, trace_id=bytes.fromhex(TRACE_ID)
    )
    return [
        counter("http.requests", [point(at, 3 * n, code=200) for n, at in enumerate(at_ns)]),
        counter("http.requests", [point(at, 6 * n, code=500) for n, at in enumerate(at_ns)]),
        gauge("queue.depth", [point(at, n, queue="orders") for n, at in enumerate(at_ns)], ""),
        histogram("latency", slow),
        exponential(
            "sizes", [exponential_buckets(at, 0, 0, (n, 2 * n)) for n, at in enumerate(at_ns)]
        ),
    ]
