"""OTLP JSON bodies of one item, and what a decoder makes of them."""

import json
from collections.abc import Mapping
from typing import Any, Final

from support.batches import rows
from support.decoders import decode

from goldeneye.decoded import BodyResult, Decoded, Decoder
from goldeneye.schemas import Signal

TRACE_ID: Final = "0af7651916cd43dd8448eb211c80319c"
SPAN_ID: Final = "b7ad6b7169203331"

_TABLES: Final[Mapping[Signal, str]] = {
    "traces": "spans",
    "metrics": "metric_points",
    "logs": "logs",
}


def decoded_json(decoder: Decoder, signal: Signal, body: Any) -> Decoded:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return decode(decoder, signal, "json", [raw])


def taken(decoder: Decoder, signal: Signal, body: Any) -> tuple[list[dict[str, Any]], BodyResult]:
    """The rows, and the result of a body that is not refused."""
    decoded = decoded_json(decoder, signal, body)
    (result,) = decoded.results
    assert result.error is None
    batch = decoded.batches.get(_TABLES[signal])
    return ([] if batch is None else rows(batch)), result


def refusal(decoder: Decoder, signal: Signal, body: Any) -> str:
    """Why the body is refused: nothing of it is taken."""
    decoded = decoded_json(decoder, signal, body)
    (result,) = decoded.results
    assert not decoded.batches
    assert (result.accepted, result.rejected_count) == (0, 0)
    assert result.error is not None
    return result.error


def spans(*items: Any) -> Any:
    return {"resourceSpans": [{"scopeSpans": [{"spans": list(items)}]}]}


def span(**members: Any) -> Any:
    return spans({"traceId": TRACE_ID, "spanId": SPAN_ID, **members})


def record(**members: Any) -> Any:
    return {"resourceLogs": [{"scopeLogs": [{"logRecords": [members]}]}]}


def point(**members: Any) -> Any:
    data = {"dataPoints": [{"timeUnixNano": "1", "asInt": "1", **members}]}
    return {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "m", "gauge": data}]}]}]}


def histogram(**members: Any) -> Any:
    data = {"aggregationTemporality": 2, "dataPoints": [{"timeUnixNano": "1", **members}]}
    return {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"histogram": data}]}]}]}


def text(body: Any, **replaced: str) -> bytes:
    """The body's JSON with each word in quotes replaced: for what `json` would not write."""
    raw = json.dumps(body)
    for word, by in replaced.items():
        assert f'"{word}"' in raw
        raw = raw.replace(f'"{word}"', by)
    return raw.encode("utf-8", "surrogatepass")
