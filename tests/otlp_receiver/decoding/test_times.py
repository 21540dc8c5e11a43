"""Odd times are stored as sent, with one warning (docs/decoding.md, section 7)."""

import pytest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from support import outcome
from support.decoders import RECEIVED_NS, decode, with_each_decoder

from goldeneye.decoded import Decoder
from goldeneye.schemas import Signal

HOUR_NS = 3_600_000_000_000
YEAR_2000_NS = 946_684_800_000_000_000
TIMES = {
    0: None,
    1: "ancient_time",
    RECEIVED_NS // 10**9: "ancient_time",
    RECEIVED_NS // 10**3: "ancient_time",
    YEAR_2000_NS - 1: "ancient_time",
    YEAR_2000_NS: "late_time",
    RECEIVED_NS - 24 * HOUR_NS - 1: "late_time",
    RECEIVED_NS - 24 * HOUR_NS: None,
    RECEIVED_NS: None,
    RECEIVED_NS + HOUR_NS: None,
    RECEIVED_NS + HOUR_NS + 1: "future_time",
    2**63 - 1: "future_time",
    2**64 - 1: "future_time",
}


def warnings(decoder: Decoder, signal: Signal, *items: object) -> dict[str, int]:
    body = outcome.request(signal, *items).SerializeToString()
    return dict(decode(decoder, signal, "protobuf", [body]).results[0].warnings)


@with_each_decoder
@pytest.mark.parametrize(("time_ns", "warning"), TIMES.items())
def test_a_time_gets_one_warning_at_most(
    decoder: Decoder, time_ns: int, warning: str | None
) -> None:
    expected = {} if warning is None else {warning: 1}
    span = Span(trace_id=b"t" * 16, span_id=b"s" * 8, end_time_unix_nano=time_ns)
    assert warnings(decoder, "traces", span) == expected
    assert warnings(decoder, "logs", LogRecord(time_unix_nano=time_ns)) == expected
    if time_ns:
        metric = Metric(name="m")
        metric.gauge.data_points.add(time_unix_nano=time_ns, as_int=1)
        assert warnings(decoder, "metrics", metric) == expected


@with_each_decoder
def test_a_span_is_judged_by_its_end(decoder: Decoder) -> None:
    span = Span(trace_id=b"t" * 16, span_id=b"s" * 8, start_time_unix_nano=1)
    assert warnings(decoder, "traces", span) == {"ancient_time": 1}
    span.end_time_unix_nano = RECEIVED_NS
    assert warnings(decoder, "traces", span) == {}


@with_each_decoder
def test_what_is_rejected_is_not_warned_of(decoder: Decoder) -> None:
    assert warnings(decoder, "traces", Span(end_time_unix_nano=1)) == {}


@with_each_decoder
def test_the_first_rejected_item_is_named(decoder: Decoder) -> None:
    good = Span(trace_id=b"t" * 16, span_id=b"s" * 8)
    body = outcome.request("traces", good, good, Span(), Span()).SerializeToString()
    (result,) = decode(decoder, "traces", "protobuf", [body]).results
    assert result.first_rejected == "resource_spans[0].scope_spans[0].spans[2]"
    metric = Metric(name="m")
    metric.gauge.data_points.add(time_unix_nano=1, as_int=1)
    metric.gauge.data_points.add(time_unix_nano=1)
    body = outcome.request("metrics", Metric(), metric).SerializeToString()
    (result,) = decode(decoder, "metrics", "protobuf", [body]).results
    place = "resource_metrics[0].scope_metrics[0].metrics[1].data_points[1]"
    assert result.first_rejected == place
