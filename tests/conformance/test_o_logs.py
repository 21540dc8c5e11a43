"""O: logs."""

import time
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from support.items import HEX_IDS, NOW_NS, SPAN_ID, TRACE_ID, logs
from support.live import Live
from support.otlp_wire import sized

LOGS = "/v1/logs"


def _untimed(**fields: Any) -> bytes:
    return logs({"time_unix_nano": 0, **fields})


def test_215_severity_numbers_are_kept(live: Live) -> None:
    numbers = [*range(25), 25, 1_000, -1, -(2**31), 2**31 - 1]
    live.accept(LOGS, logs(*({"severity_number": number} for number in numbers)))
    assert [row["severity_number"] for row in live.rows("logs", "severity_number")] == numbers


def test_216_severity_texts_are_kept(live: Live) -> None:
    texts = ["INFO", "info", "Warnung", "FATAL", "重大"]
    live.accept(LOGS, logs(*({"severity_text": text, "severity_number": 1} for text in texts)))
    found = [tuple(row.values()) for row in live.rows("logs", "severity_text, severity_number")]
    assert found == [(text, 1) for text in texts]


def test_217_no_severity_is_stored_as_none(live: Live) -> None:
    live.accept(LOGS, logs({}))
    row = live.row("logs", "severity_number, severity_text")
    assert list(row.values()) == [0, None]


def test_218_a_body_is_any_value(live: Live) -> None:
    nested = {"kvlist_value": {"values": [{"key": "k", "value": {"array_value": {}}}]}}
    bodies: list[Any] = [None, {}, {"bytes_value": b"\x00\xff"}, nested, {"int_value": 1}]
    live.accept(LOGS, logs(*({"body": body} for body in bodies)))
    found = [row["body"] for row in live.rows("logs", "body")]
    assert found == [None, "null", '{"$bytes":"AP8="}', '{"k":[]}', "1"]


def test_219_a_time_is_never_0(live: Live) -> None:
    before_ns = time.time_ns()
    live.accept(LOGS, _untimed())
    live.accept(LOGS, _untimed(observed_time_unix_nano=NOW_NS - 5))
    live.accept(LOGS, logs({"observed_time_unix_nano": 5}))
    received, observed, sent = (row["t"] for row in live.rows("logs", "epoch_ns(time) AS t"))
    assert before_ns <= received <= time.time_ns()
    assert (observed, sent) == (NOW_NS - 5, NOW_NS)


def test_220_the_observed_time_is_as_sent_beside_the_time_received(live: Live) -> None:
    live.accept(LOGS, logs({}))
    row = live.row("logs", "observed_time, epoch_ns(received_time) AS r, epoch_ns(time) AS t")
    assert (row["observed_time"], row["t"]) == (None, NOW_NS)
    assert row["r"] >= NOW_NS


@pytest.mark.parametrize(
    ("ids", "kept"),
    [
        ({}, [None, None]),
        ({"trace_id": TRACE_ID, "span_id": SPAN_ID}, list(HEX_IDS.values())),
        ({"trace_id": TRACE_ID}, [HEX_IDS["traceId"], None]),
        ({"trace_id": bytes(16), "span_id": bytes(8)}, [None, None]),
        ({"trace_id": b"x", "span_id": SPAN_ID}, [None, HEX_IDS["spanId"]]),
        ({"trace_id": b"x" * 17, "span_id": b"x" * 9}, [None, None]),
    ],
    ids=range(6),
)
def test_221_invalid_ids_cost_no_record(live: Live, ids: dict[str, bytes], kept: list[Any]) -> None:
    answer = live.post(LOGS, logs(ids))
    assert answer.status_code == 200
    assert list(live.row("logs", "trace_id, span_id").values()) == kept


def test_222_flags_are_kept(live: Live) -> None:
    live.accept(LOGS, logs({"flags": 0xFFFFFF01}))
    assert live.row("logs", "flags, flags & 255 AS trace") == {"flags": 0xFFFFFF01, "trace": 1}


def test_223_event_names_are_kept(live: Live) -> None:
    live.accept(LOGS, logs({"event_name": "user.login"}, {}))
    assert [row["event_name"] for row in live.rows("logs", "event_name")] == ["user.login", None]


def test_224_the_old_name_is_skipped(live: Live) -> None:
    record = sized(4, b"old name") + sized(3, b"INFO")
    live.accept(LOGS, sized(1, sized(2, sized(2, record))))
    row = live.row("logs", "event_name, severity_text")
    assert list(row.values()) == [None, "INFO"]


@pytest.mark.parametrize(
    "text", ["a\nb\r\n\tc", "a\x00b", "😀\u2028é\ufeff", '"\\', " x "], ids=ascii
)
def test_225_texts_are_exact(live: Live, text: str) -> None:
    live.accept(LOGS, logs({"body": {"string_value": text}}))
    assert live.row("logs", "body_text") == {"body_text": text}


def test_225_large_texts_are_exact(live: Live) -> None:
    text = "".join(chr(0x20 + number % 90) for number in range(2**20))
    live.accept(LOGS, logs({"body": {"string_value": text}}))
    assert live.row("logs", "body_text") == {"body_text": text}


def test_226_records_keep_their_order(live: Live) -> None:
    """Equal times: the order sent is the only one there is."""
    request = ExportLogsServiceRequest()
    records = request.resource_logs.add().scope_logs.add().log_records
    for number in range(2_000):
        records.add(time_unix_nano=NOW_NS).body.int_value = number
    live.accept(LOGS, request.SerializeToString())
    assert [row["body"] for row in live.rows("logs", "body")] == [str(n) for n in range(2_000)]
