"""The generated traces are whole, distinct and as told: what the figures of the storage rest on."""

import sys
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import traces as generator


@pytest.fixture(scope="module")
def traces() -> generator.Traces:
    return generator.Traces()


def spans(body: bytes) -> list[Any]:
    request = ExportTraceServiceRequest.FromString(body)
    return [
        span
        for envelope in request.resource_spans
        for scoped in envelope.scope_spans
        for span in scoped.spans
    ]


def test_each_span_has_a_parent_in_its_trace_and_no_placeholder(traces: generator.Traces) -> None:
    body = traces.body(3)
    found = spans(body)
    trace_of = {span.span_id: span.trace_id for span in found}
    children = [span for span in found if span.parent_span_id]
    assert len(found) == len(trace_of) == generator.BODY_SPANS
    assert len(children) > generator.BODY_SPANS / 2
    assert all(trace_of[span.parent_span_id] == span.trace_id for span in children)
    assert b"\xf1\xf2\xf3" not in body


def test_each_span_has_ten_attributes_of_which_one_is_new(traces: generator.Traces) -> None:
    found = spans(traces.body(0)) + spans(traces.body(16))  # one template
    names = [[pair.key for pair in span.attributes] for span in found]
    requests = {
        pair.value.string_value
        for span in found
        for pair in span.attributes
        if pair.key == "shop.request.id"
    }
    assert {len(keys) for keys in names} == {10}
    assert len(requests) == len(found)


def test_spans_lie_in_the_time_of_their_body(traces: generator.Traces) -> None:
    end_ns = traces.received_ns(1)
    begin_ns = traces.received_ns(0)
    roots = [span for span in spans(traces.body(1)) if not span.parent_span_id]
    assert all(begin_ns <= span.start_time_unix_nano < end_ns for span in roots)
    for span in spans(traces.body(1)):
        assert span.start_time_unix_nano <= span.end_time_unix_nano
        assert all(event.time_unix_nano == span.end_time_unix_nano for event in span.events)


def test_a_body_is_the_same_again_and_no_other(traces: generator.Traces) -> None:
    assert traces.body(5) == generator.Traces().body(5)
    assert traces.body(5) != traces.body(5 + 16)
