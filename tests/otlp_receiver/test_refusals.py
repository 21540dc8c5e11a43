"""The operator hears of changes, not of every request."""

from structlog.testing import capture_logs

from goldeneye.clock import ManualClock
from otlp_receiver.refusals import Refusals


def test_a_full_disk_is_told_once_and_its_end_too() -> None:
    refusals = Refusals(ManualClock())
    with capture_logs() as logs:
        refusals.commit_succeeded()
        refusals.commit_failed("the disk is full", 3)
        refusals.commit_failed("the disk is full", 2)
        refusals.commit_succeeded()
        refusals.commit_succeeded()
    assert [(entry["log_level"], entry["event"]) for entry in logs] == [
        ("error", "telemetry is refused; senders are told to retry"),
        ("info", "telemetry is accepted again"),
    ]
    assert logs[0]["reason"] == "the disk is full"
    assert logs[1]["refused_requests"] == 5


def test_what_lasts_is_told_again() -> None:
    clock = ManualClock()
    refusals = Refusals(clock)
    with capture_logs() as logs:
        for _ in range(4):
            refusals.commit_failed("the disk is full", 1)
            clock.advance(15)
    assert len(logs) == 2
