"""A sample of what is rejected is logged, at most once a minute for each reason."""

from structlog.testing import capture_logs

from goldeneye.clock import ManualClock
from goldeneye.decoded import BodyResult
from otlp_receiver.rejections import RejectionSamples


def rejected(*reasons: str) -> BodyResult:
    return BodyResult(2, dict.fromkeys(reasons, 1), first_rejected="resource_spans[0]")


def test_a_reason_is_told_once_a_minute() -> None:
    clock = ManualClock()
    samples = RejectionSamples("grpc", clock.monotonic_s)
    with capture_logs() as logs:
        samples.note("traces", BodyResult(5))
        for _ in range(3):
            samples.note("traces", rejected("invalid_trace_id"))
        samples.note("traces", rejected("invalid_trace_id", "invalid_span_id"))
        clock.advance(61)
        samples.note("traces", rejected("invalid_trace_id"))
    assert [entry["counts"] for entry in logs] == [
        {"invalid_trace_id": 1},
        {"invalid_trace_id": 1, "invalid_span_id": 1},
        {"invalid_trace_id": 1},
    ]
    assert logs[0]["first"] == "resource_spans[0]"
    assert logs[0]["transport"] == "grpc"


def test_a_wrong_unit_of_time_is_told_and_lateness_is_not() -> None:
    with capture_logs() as logs:
        RejectionSamples("http").note(
            "logs", BodyResult(3, warnings={"ancient_time": 2, "late_time": 1})
        )
    assert [entry["counts"] for entry in logs] == [{"ancient_time": 2}]
