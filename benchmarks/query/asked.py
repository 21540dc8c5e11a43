"""What is asked of a folder of traces.py and log_lines.py, and how fast it must be answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

Sample = Mapping[str, str]


@dataclass(frozen=True)
class Question:
    """`bound_ms` is what its p95 must be below, warm, on a quiet machine."""

    name: str
    path: str
    params: Callable[[Sample], Mapping[str, str]]
    bound_ms: int | None = None


def _of_service(**more: str) -> Callable[[Sample], Mapping[str, str]]:
    return lambda sample: {"service": sample["service"], **more}


def _always(**params: str) -> Callable[[Sample], Mapping[str, str]]:
    return lambda sample: params


_FAILED: Final = "http.response.status_code>=500"
QUESTIONS: Final = (
    Question("traces of a service, newest", "traces", _of_service(), 150),
    Question("traces of a service and attribute", "traces", _of_service(attribute=_FAILED), 150),
    Question(
        "traces of a user (rare)",
        "traces",
        lambda sample: {"attribute": f"user.id={sample['user_id']}"},
        150,
    ),
    Question(
        "traces of a service, slowest in 1 h",
        "traces",
        _of_service(order="slowest", start="now-1h"),
        150,
    ),
    Question("slowest traces in 1 h", "traces", _always(order="slowest", start="now-1h"), 150),
    Question("trace by id, JSON", "traces/{trace_id}", _always(), 20),
    Question("trace by id, OTLP", "traces/{trace_id}", _always(format="otlp"), 20),
    Question("services, 24 h", "services", _always(start="now-24h"), 50),
    Question("operations, 24 h", "services/{service}/operations", _always(start="now-24h")),
    Question(
        "series, 24 h by 5 min",
        "services/{service}/series",
        _always(start="now-24h", step="5m"),
    ),
    Question("service map, 1 h", "service-map", _always(start="now-1h"), 200),
    Question("percentiles, 10 min (exact)", "percentiles", _of_service(start="now-10m")),
    Question("percentiles, 24 h (bucketed)", "percentiles", _of_service(start="now-24h")),
    Question("bottlenecks, 1 h", "bottlenecks", _always(service="frontend", start="now-1h")),
    Question("compare, 1 h", "compare", _of_service(status="error", start="now-1h")),
    Question("logs, a frequent word", "logs", _always(query="shard"), 500),
    Question("logs, a word in one of 200", "logs", _always(query="refused"), 500),
    Question("logs, a word that is there twice", "logs", _always(query="kaputnik"), 500),
    Question("logs, a phrase", "logs", _always(query='"card declined by issuer"'), 500),
    Question("logs, a field", "logs", _always(query="shop.region:eu severity>=error"), 500),
    Question("log histogram, 1 h", "logs/histogram", _always(start="now-1h", step="1m")),
    Question("log patterns, 1 h", "logs/patterns", _always(start="now-1h")),
    Question("errors, 24 h", "errors", _always(start="now-24h")),
    Question("overview", "overview", _always(), 100),
)
