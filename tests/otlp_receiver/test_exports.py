"""What the receiver counts of itself, whatever carried the request."""

import grpc
import pytest
from support.committer import RecordingCommitter
from support.otlp_server import OtlpServer
from support.requests import points, records, sized, spans

from goldeneye.errors import StorageUnavailable
from goldeneye.schemas import SIGNALS, Signal
from goldeneye.telemetry import REGISTRY

BODIES: dict[Signal, bytes] = {"traces": spans(3), "metrics": points(3), "logs": records(3)}


def count(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"goldeneye_receiver_{name}", labels) or 0.0


def send(server: OtlpServer, transport: str, signal: Signal, body: bytes) -> None:
    """A request whose answer does not matter here."""
    if transport == "http":
        server.post(f"/v1/{signal}", body)
    else:
        # Compressed, or the gRPC library itself refuses what is too large.
        server.call(signal).future(body, compression=grpc.Compression.Gzip).exception(20)


@pytest.fixture(params=["grpc", "http"])
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("signal", SIGNALS)
def test_items_and_requests_are_counted_by_signal_and_transport(
    server: OtlpServer, committer: RecordingCommitter, transport: str, signal: Signal
) -> None:
    labels = {"signal": signal, "transport": transport}
    before = [
        count("accepted_items_total", **labels),
        count("requests_total", **labels, outcome="ok"),
        count("request_duration_seconds_count", **labels),
    ]
    send(server, transport, signal, BODIES[signal])
    assert [
        count("accepted_items_total", **labels),
        count("requests_total", **labels, outcome="ok"),
        count("request_duration_seconds_count", **labels),
    ] == [before[0] + 3, before[1] + 1, before[2] + 1]


def test_what_is_rejected_is_counted_by_reason(
    server: OtlpServer, committer: RecordingCommitter, transport: str
) -> None:
    labels = {"signal": "traces", "transport": transport}
    rejected = count("rejected_items_total", **labels, reason="invalid_trace_id")
    accepted = count("accepted_items_total", **labels)
    partial = count("requests_total", **labels, outcome="partial")
    send(server, transport, "traces", spans(2, short_trace_ids=5))
    assert count("rejected_items_total", **labels, reason="invalid_trace_id") == rejected + 5
    assert count("accepted_items_total", **labels) == accepted + 2
    assert count("requests_total", **labels, outcome="partial") == partial + 1


@pytest.mark.parametrize(
    ("outcome", "body"),
    [("invalid", b"\xff"), ("too_large", sized(65_537)), ("unavailable", spans(1))],
)
def test_failures_are_counted_by_kind_and_accept_nothing(
    small_server: OtlpServer,
    committer: RecordingCommitter,
    transport: str,
    outcome: str,
    body: bytes,
) -> None:
    committer.fault = StorageUnavailable("the disk is full")
    labels = {"signal": "traces", "transport": transport}
    before = count("requests_total", **labels, outcome=outcome)
    accepted = count("accepted_items_total", **labels)
    send(small_server, transport, "traces", body)
    assert count("requests_total", **labels, outcome=outcome) == before + 1
    assert count("accepted_items_total", **labels) == accepted


def test_nothing_is_in_flight_when_all_is_answered(
    server: OtlpServer, committer: RecordingCommitter, transport: str
) -> None:
    with committer.held():
        call = server.call("logs").future(records(1000), timeout=20)
        committer.await_commit()
        assert count("in_flight_bytes") >= len(records(1000))
    call.result()
    for body in (b"\xff", spans(1)):
        send(server, transport, "traces", body)
    assert count("in_flight_bytes") == 0
