"""S: what the server tells of itself."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.items import gauge, logs, metrics, one_span, point, span, traces
from support.live import Live, start

BODIES = {
    "traces": traces(span(), span(), span(trace_id=b"x")),
    "metrics": metrics(gauge(point(as_int=1), point(as_int=2), point())),
    "logs": logs({}, {}),
}


def _post(live: Live, signal: str, body: bytes) -> None:
    live.post(f"/v1/{signal}", body)


def _export(live: Live, signal: Any, body: bytes) -> None:
    live.export(signal, body)


@pytest.mark.parametrize("signal", list(BODIES))
@pytest.mark.parametrize(("transport", "send"), [("http", _post), ("grpc", _export)])
def test_248_items_and_requests_are_counted(
    live: Live, signal: str, transport: str, send: Callable[[Live, str, bytes], None]
) -> None:
    labels = {"signal": signal, "transport": transport}
    outcome = "ok" if signal == "logs" else "partial"

    def counts() -> list[float]:
        prefix = "goldeneye_receiver"
        return [
            live.metric(f"{prefix}_accepted_items_total", **labels),
            live.metric(f"{prefix}_rejected_items_total", **labels),
            live.metric(f"{prefix}_requests_total", **labels, outcome=outcome),
        ]

    before = counts()
    send(live, signal, BODIES[signal])
    risen = [after - old for after, old in zip(counts(), before, strict=True)]
    assert risen == [2, 0 if signal == "logs" else 1, 1]


def test_248_refused_requests_are_counted_by_outcome(live: Live, full: Live) -> None:
    name = "goldeneye_receiver_requests_total"
    before = live.metric(name, signal="traces", outcome="invalid")
    live.refuse("/v1/traces", b"\xff")
    assert live.metric(name, signal="traces", outcome="invalid") - before == 1
    before = full.metric(name, signal="traces", outcome="unavailable")
    full.refuse("/v1/traces", one_span(), status=503)
    assert full.metric(name, signal="traces", outcome="unavailable") - before == 1
    assert full.metric("goldeneye_receiver_accepted_items_total") == 0


def test_249_rejected_items_are_counted_and_some_are_logged(tmp_path: Path) -> None:
    live = Live(start(tmp_path))
    try:
        for _ in range(20):
            live.partial("/v1/traces", traces(span(), span(trace_id=b"x"), span(span_id=b"x")))
        name = "goldeneye_receiver_rejected_items_total"
        for reason in ("invalid_trace_id", "invalid_span_id"):
            assert live.metric(name, reason=reason) == 20
        lines = live.server.log_file.read_text(encoding="utf-8").splitlines()
        events = [json.loads(line) for line in lines if line.startswith("{")]
        found = [event for event in events if event["event"] == "items are rejected"]
        assert len(found) == 1
        assert found[0]["counts"] == {"invalid_trace_id": 1, "invalid_span_id": 1}
        assert "spans[1]" in found[0]["first"]
    finally:
        live.close()
        live.server.stop()


@pytest.mark.slow
def test_250_it_sends_no_telemetry_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even where the environment asks every instrumented process to."""
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp")
    monkeypatch.setenv("OTEL_PYTHON_FASTAPI_INSTRUMENT", "true")
    live = Live(start(tmp_path))
    try:
        # At its own endpoint from the second start on, now that the port is known.
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", live.server.http_endpoint)
        live.server.restart()
        for _ in range(5):
            live.accept("/v1/logs", logs({}))
            live.server.get("/api/v1/status")
        assert live.count("logs") == 5
        assert [live.count(table) for table in ("spans", "metric_points")] == [0, 0]
        assert live.metric("goldeneye_receiver_requests_total", signal="traces") == 0
    finally:
        live.close()
        live.server.stop()
