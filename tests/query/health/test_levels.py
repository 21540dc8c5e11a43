"""Counts of log records by severity: the same whether files are remembered or read."""

from pathlib import Path

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from support.backend import Backend, backend
from support.fake_decoder import START_NS
from support.measured_spans import MINUTE_NS

from goldeneye import limits
from query.asking.reader import Reader
from query.asking.window import Window
from query.health.levels import by_level


def _send(whole: Backend, minute: int, *severities: int) -> None:
    request = ExportLogsServiceRequest()
    records = request.resource_logs.add().scope_logs.add().log_records
    for severity in severities:
        records.add(time_unix_nano=START_NS + minute * MINUTE_NS + 7, severity_number=severity)
    whole.send(request)


def _found(whole: Backend, first: int, last: int) -> dict[str, int]:
    window = Window(START_NS + first * MINUTE_NS, START_NS + last * MINUTE_NS)
    found = by_level(Reader(whole.service), whole.service.memory.few, window)
    counts = {name: count for name, count in found["severities"].items() if count}
    assert found["record_count"] == sum(counts.values())
    return counts


@pytest.mark.parametrize("least", [1, 1_000], ids=["remembered", "read"])
def test_of_the_windows_minutes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    monkeypatch.setattr(limits, "MIN_REMEMBERED_ROWS", least)
    with backend(tmp_path) as whole:
        assert _found(whole, 0, 10) == {}
        for minute in range(4):
            _send(whole, minute, 9, 9, 17)
        whole.flush()
        _send(whole, 1, 0, 24)
        _send(whole, 5, 1)
        for _ in range(2):
            assert _found(whole, 0, 10) == {
                "trace": 1,
                "info": 8,
                "error": 4,
                "fatal": 1,
                "unspecified": 1,
            }
        # The window ends within the file, and begins within it.
        assert _found(whole, 0, 2) == {"info": 4, "error": 2, "fatal": 1, "unspecified": 1}
        assert _found(whole, 2, 10) == {"trace": 1, "info": 4, "error": 2}
