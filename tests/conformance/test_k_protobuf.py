"""K: protobuf decoding and evolution."""

import struct
from collections.abc import Callable
from typing import Any

import pytest
from support.items import (
    NOW_NS,
    SPAN_ID,
    TRACE_ID,
    exponential,
    gauge,
    histogram,
    logs,
    metrics,
    one_span,
    point,
)
from support.live import Live
from support.otlp_wire import sized, tag, varint

TRACES, METRICS, LOGS = "/v1/traces", "/v1/metrics", "/v1/logs"
_VARINT, _FIXED64, _FIXED32 = 0, 1, 5
UNKNOWN: dict[str, bytes] = {
    "varint": tag(1999, _VARINT) + varint(2**64 - 1),
    "fixed64": tag(1999, _FIXED64) + bytes(8),
    "bytes": sized(1999, b"\xff\xff"),
    "fixed32": tag(1999, _FIXED32) + bytes(4),
    "group": tag(1999, 3) + tag(5, 3) + tag(1, 0) + b"\x01" + tag(5, 4) + tag(1999, 4),
    "largest number": tag(2**29 - 1, _VARINT) + b"\x00",
}


def _span_bytes(*more: bytes) -> bytes:
    """A span's own fields, without the messages around it."""
    return b"".join([sized(1, TRACE_ID), sized(2, SPAN_ID), sized(5, b"span"), *more])


def _request(scope_spans: bytes) -> bytes:
    return sized(1, sized(2, scope_spans))


@pytest.mark.parametrize("kind", list(UNKNOWN))
def test_146_unknown_fields_are_skipped(live: Live, kind: str) -> None:
    odd = UNKNOWN[kind]
    value = sized(9, odd + sized(1, b"k") + sized(2, odd + sized(1, b"v") + odd))
    inner = sized(2, odd + _span_bytes(odd, value, sized(15, odd)) + odd)
    resource, scope = sized(1, odd), sized(1, odd + sized(1, b"scope"))
    body = odd + sized(1, odd + resource + sized(2, odd + scope + inner + odd)) + odd
    live.accept(TRACES, body)
    row = live.row("spans", "name, scope_name, attributes_other")
    assert list(row.values()) == ["span", "scope", '{"k":"v"}']


@pytest.mark.parametrize("packed", [True, False])
def test_147_repeated_numbers_may_be_packed_or_not(live: Live, packed: bool) -> None:
    counts = [struct.pack("<Q", count) for count in (1, 2)]
    bound = struct.pack("<d", 5.0)
    data = tag(3, _FIXED64) + struct.pack("<Q", NOW_NS) + tag(4, _FIXED64) + struct.pack("<Q", 3)
    if packed:
        data += sized(6, b"".join(counts)) + sized(7, bound)
    else:
        data += b"".join(tag(6, _FIXED64) + count for count in counts) + tag(7, _FIXED64) + bound
    metric = sized(1, b"histogram") + sized(9, sized(1, data) + tag(2, _VARINT) + b"\x01")
    live.accept(METRICS, _request(sized(2, metric)))
    assert live.row("metrics", "bucket_counts, explicit_bounds") == {
        "bucket_counts": [1, 2],
        "explicit_bounds": [5.0],
    }


def test_148_messages_are_merged_and_the_last_value_counts(live: Live) -> None:
    twice = sized(15, sized(2, b"message")) + sized(15, tag(3, _VARINT) + b"\x02")
    value = sized(9, sized(1, b"k") + sized(2, sized(1, b"text") + tag(3, _VARINT) + b"\x05"))
    body = _request(sized(2, _span_bytes(twice, value, sized(5, b"last name"))))
    live.accept(TRACES, body)
    row = live.row("spans", "name, status_code, status_message, attributes_other")
    assert list(row.values()) == ["last name", "error", "message", '{"k":5}']


def test_149_field_1000_is_ignored(live: Live) -> None:
    old = sized(1000, sized(2, _span_bytes()))
    live.accept(TRACES, sized(1, old))
    live.accept(TRACES, sized(1, old + sized(2, sized(2, _span_bytes()))))
    assert live.count("spans") == 1


@pytest.mark.parametrize("field", [4, 6, 8])
def test_150_metrics_of_old_are_reported(live: Live, field: int) -> None:
    metric = sized(1, b"old") + sized(field, sized(1, tag(3, _FIXED64) + bytes(8)))
    found = live.partial(METRICS, _request(sized(2, metric)))
    assert found.rejected_data_points == 0
    assert "update" in found.error_message
    assert live.count("metrics") == 0


_BUCKETS = {"bucket_counts": [1, 2], "explicit_bounds": [5.0], "count": 3, "sum": 4.0}
_SIGNALS: dict[str, bytes] = {
    "traces": one_span(),
    "metrics": metrics(histogram(point(**_BUCKETS), unit="ms")),
    "gauge": metrics(gauge(point(as_int=1))),
    "exponential": metrics(exponential(point(count=1))),
    "logs": logs({"body": {"string_value": "x"}, "severity_text": "INFO"}),
}


@pytest.mark.parametrize("sent", list(_SIGNALS))
@pytest.mark.parametrize("path", [TRACES, METRICS, LOGS])
def test_151_a_signal_is_not_taken_for_another(live: Live, sent: str, path: str) -> None:
    own = {"traces": TRACES, "logs": LOGS}.get(sent, METRICS)
    answer = live.post(path, _SIGNALS[sent])
    if path == own:
        assert (answer.status_code, answer.content) == (200, b"")
    else:
        assert answer.status_code == 400 or answer.content
        assert [live.count(table) for table in ("spans", "metrics", "logs")] == [0, 0, 0]


def _nested(depth: int, wrap: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {"string_value": "x"}
    for _ in range(depth):
        value = wrap(value)
    return value


def _in_map(value: Any) -> dict[str, Any]:
    return {"kvlist_value": {"values": [{"key": "k", "value": value}]}}


def _in_array(value: Any) -> dict[str, Any]:
    return {"array_value": {"values": [value]}}


@pytest.mark.parametrize("depth", [1, 31, 32, 33, 47, 48, 49, 64])
def test_152_values_may_be_64_deep(live: Live, depth: int) -> None:
    in_map, in_array = _nested(depth, _in_map), _nested(depth, _in_array)
    live.accept(LOGS, logs({"body": in_map, "attributes": [{"key": "a", "value": in_array}]}))
    assert live.row("logs", "body, attributes_other") == {
        "body": '{"k":' * depth + '"x"' + "}" * depth,
        "attributes_other": '{"a":' + "[" * depth + '"x"' + "]" * depth + "}",
    }


@pytest.mark.parametrize("levels", [200, 20_000])
def test_153_what_is_too_deep_is_refused(live: Live, levels: int) -> None:
    value = sized(1, b"x")
    for _ in range(levels):
        value = sized(5, sized(1, value))
    body = _request(sized(2, _span_bytes(sized(9, sized(1, b"k") + sized(2, value)))))
    assert "nested" in live.refuse(TRACES, body)
    assert live.server.process.poll() is None


def test_154_wrong_utf8_is_replaced(live: Live) -> None:
    name = sized(5, b"a\xffb\xed\xa0\x80")
    found = live.partial(TRACES, _request(sized(2, _span_bytes(name))))
    assert (found.rejected_spans, "UTF-8" in found.error_message) == (0, True)
    assert live.row("spans", "name")["name"].startswith("a\ufffdb\ufffd")


@pytest.mark.parametrize(
    "broken",
    [
        b"\x30" + b"\xff" * 10 + b"\x01",  # a varint of eleven bytes
        b"\x30\xff",  # a varint that does not end
        b"\x2a\x7f" + b"x",  # a length beyond the end
        b"\x02\x00",  # field number 0
        b"\x2e\x00",  # wire type 6
        b"\x2f\x00",  # wire type 7
        tag(99, 3),  # a group that does not end
        tag(99, 4),  # a group that did not begin
        tag(99, 3) + tag(98, 4),
        b"\x28\x01",  # a name as a number
    ],
    ids=range(10),
)
def test_155_broken_protobuf_is_refused(live: Live, broken: bytes) -> None:
    assert live.refuse(TRACES, _request(sized(2, _span_bytes(broken))))
    assert live.count("spans") == 0


def test_156_absent_differs_from_zero(live: Live) -> None:
    zeros = {"sum": 0.0, "min": 0.0, "max": 0.0}
    live.accept(METRICS, metrics(histogram(point(count=0), point(count=0, **zeros))))
    live.accept(METRICS, metrics(exponential(point(count=0), point(count=0, **zeros))))
    rows = [tuple(row.values()) for row in live.rows("metric_points", '"sum", "min", "max"')]
    assert rows == [(None, None, None), (0.0, 0.0, 0.0)] * 2


def test_157_large_numbers_survive(live: Live) -> None:
    most = 2**64 - 1
    live.accept(TRACES, one_span(start_time_unix_nano=2**63, end_time_unix_nano=most))
    row = live.row(
        "spans", "start_time, end_time, start_time_unix_nano AS s, end_time_unix_nano AS e"
    )
    assert list(row.values()) == [None, None, 2**63, most]
    body = {"bucket_counts": [most], "count": most}
    live.accept(METRICS, metrics(histogram(point(**body))))
    assert live.row("metrics", "count, bucket_counts") == {"count": most, "bucket_counts": [most]}


def test_158_an_unknown_member_is_not_set(live: Live) -> None:
    value = sized(9, sized(1, b"k") + sized(2, sized(77, b"new")))
    live.accept(TRACES, _request(sized(2, _span_bytes(value))))
    assert live.row("spans", "attributes_other") == {"attributes_other": '{"k":null}'}
    live.accept(METRICS, _request(sized(2, sized(1, b"new") + sized(55, sized(1, b"")))))
    assert live.count("metrics") == 0
