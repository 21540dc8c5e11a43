"""The live tail of a real server: what SDKs send arrives, and the server can stop meanwhile."""

import httpx
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from support.log_records import logs_request
from support.server import GoldeneyeProcess

TAIL = "/api/v1/logs/tail"


def test_a_record_that_is_sent_is_seen_at_once(goldeneye_server: GoldeneyeProcess) -> None:
    url = goldeneye_server.api_url + TAIL
    with httpx.stream("GET", url, params={"query": "hello"}, timeout=60) as response:
        lines = response.iter_lines()
        assert next(lines) == ": listening"
        record = LogRecord(severity_text="INFO")
        record.body.string_value = "hello from outside"
        sent = httpx.post(
            f"{goldeneye_server.http_endpoint}/v1/logs",
            content=logs_request([record]).SerializeToString(),
            headers={"content-type": "application/x-protobuf"},
        )
        assert sent.status_code == 200
        assert next(line for line in lines if line.startswith("event")) == "event: log"
        assert '"body":"hello from outside"' in next(lines)


def test_a_listener_does_not_hold_up_a_stop(goldeneye_server: GoldeneyeProcess) -> None:
    with httpx.stream("GET", goldeneye_server.api_url + TAIL, timeout=60) as response:
        lines = response.iter_lines()
        assert next(lines) == ": listening"
        assert goldeneye_server.stop() == 0
        # A stream that was cut would raise here.
        assert list(lines) == [""]
