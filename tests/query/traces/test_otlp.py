"""A trace as OTLP JSON is what was sent, but for how requests grouped it."""

import base64
import json
import uuid
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from google.protobuf.message import DecodeError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span
from support import otlp_json, otlp_wire
from support.any_values import ALIKE, VALUES, wire
from support.backend import Backend, backend
from support.full_request import full

from otlp_receiver.decoding.values import Value


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    with backend(tmp_path_factory.mktemp("data")) as found:
        yield found


def answer(whole: Backend, trace_id: bytes) -> Any:
    return whole.get(f"/api/v1/traces/{trace_id.hex()}", {"format": "otlp"})


# What of a message the tables keep, grouped and sorted so that only the order of what has none
# can differ.


def normal(document: Any) -> list[Any]:
    groups: dict[str, list[Any]] = {}
    for outer in document.get("resourceSpans", ()):
        resource = outer.get("resource", {})
        attributes = keyed(resource)
        for middle in outer.get("scopeSpans", ()):
            scope = {**middle.get("scope", {})}
            own = {"attributes": values(scope.pop("attributes", []))}
            key = json.dumps(
                [
                    {**resource, "attributes": attributes},
                    outer.get("schemaUrl", ""),
                    {**scope, **own},
                    middle.get("schemaUrl", ""),
                ],
                sort_keys=True,
            )
            groups.setdefault(key, []).extend(span(one) for one in middle.get("spans", ()))
    return sorted((key, sorted(spans, key=repr)) for key, spans in groups.items() if spans)


def span(one: Any) -> Any:
    found = {**one, "attributes": keyed(one)}
    for name in ("events", "links"):
        found[name] = [
            {**item, "attributes": values(item.get("attributes", []))} for item in one.get(name, ())
        ]
    if not found.get("status"):
        found["status"] = {}
    return found


def keyed(holder: Any) -> Any:
    """Top-level attributes, whose order is not kept."""
    return sorted(values(holder.get("attributes", [])), key=repr)


def values(attributes: list[Any]) -> list[Any]:
    """Of equal keys the last one's value, at the last one's place."""
    last = {one.get("key", ""): at for at, one in enumerate(attributes)}
    return [
        [one.get("key", ""), value(one.get("value", {}))]
        for at, one in enumerate(attributes)
        if last[one.get("key", "")] == at
    ]


def value(one: Any) -> Any:
    if "arrayValue" in one:
        return ["array", [value(item) for item in one["arrayValue"].get("values", ())]]
    if "kvlistValue" in one:
        return ["map", values(one["kvlistValue"].get("values", []))]
    if "doubleValue" in one:
        return ["double", repr(float(one["doubleValue"]))]
    # Indexes into the string table of profiles mean nothing here.
    return sorted((kind, item) for kind, item in one.items() if kind != "stringValueStrindex")


def acceptable(request: ExportTraceServiceRequest, trace_id: bytes) -> Any:
    """The request without what the receiver does not take, all of it in one trace."""
    kept = ExportTraceServiceRequest()
    kept.CopyFrom(request)
    for outer in kept.resource_spans:
        for middle in outer.scope_spans:
            good = [one for one in middle.spans if accepted(one)]
            for one in good:
                one.trace_id = trace_id
                links = [
                    link
                    for link in one.links
                    if is_id(link.trace_id, 16) and is_id(link.span_id, 8)
                ]
                del one.links[:]
                one.links.extend(links)
                if not any(one.parent_span_id):
                    one.ClearField("parent_span_id")
            del middle.spans[:]
            middle.spans.extend(good)
    return kept


def accepted(one: Span) -> bool:
    parent = one.parent_span_id
    return (
        is_id(one.trace_id, 16) and is_id(one.span_id, 8) and (not any(parent) or len(parent) == 8)
    )


def is_id(data: bytes, size: int) -> bool:
    return len(data) == size and any(data)


@given(seed=st.integers(0, 2**32), flushed=st.booleans())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_random_traces_come_back_as_they_were_sent(
    whole: Backend, seed: int, flushed: bool
) -> None:
    rng = Random(seed)
    body = otlp_wire.request(rng, "traces")
    sent = acceptable(ExportTraceServiceRequest.FromString(body), trace_id := uuid.uuid4().bytes)
    expected = normal(otlp_json.of(sent))
    whole.send(sent)
    if flushed:
        whole.storage.flush()
    if not expected:
        whole.problem(f"/api/v1/traces/{trace_id.hex()}", status=404)
    else:
        assert normal(answer(whole, trace_id)) == expected


def one_span(trace_id: bytes) -> tuple[ExportTraceServiceRequest, Span]:
    request = ExportTraceServiceRequest()
    outer = ResourceSpans()
    middle = ScopeSpans()
    one = Span(trace_id=trace_id, span_id=b"12345678", start_time_unix_nano=1_767_225_600 * 10**9)
    middle.spans.append(one)
    outer.scope_spans.append(middle)
    request.resource_spans.append(outer)
    return request, request.resource_spans[0].scope_spans[0].spans[0]


def fits(sent: Value) -> bool:
    """Python's protobuf takes a hundred levels; test_any_value.py has the deeper ones."""
    try:
        AnyValue.FromString(wire(sent))
    except DecodeError:
        return False
    return True


@given(st.lists(VALUES.filter(fits), min_size=1, max_size=5))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_kind_of_value_comes_back(whole: Backend, sent: list[Value]) -> None:
    check_values(whole, sent)


def test_values_that_are_alike_stay_apart(whole: Backend) -> None:
    check_values(whole, list(ALIKE))


def check_values(whole: Backend, sent: list[Value]) -> None:
    """As attributes of a span, under keys with and without columns, and within its events."""
    request, one = one_span(uuid.uuid4().bytes)
    keys = ["http.route", "http.response.status_code", *map(str, range(len(sent)))]
    event = one.events.add(name="e")
    for key, item in zip(keys, sent, strict=False):
        for holder in (one, event):
            holder.attributes.add(key=key).value.MergeFromString(wire(item))
    whole.send(request)
    assert normal(answer(whole, one.trace_id)) == normal(otlp_json.of(request))


def test_every_field_comes_back(whole: Backend) -> None:
    request = full("traces")
    trace_id = uuid.uuid4().bytes
    for outer in request.resource_spans:
        for middle in outer.scope_spans:
            for one in middle.spans:
                one.trace_id = trace_id
    whole.send(request)
    found = normal(answer(whole, trace_id))
    assert found == normal(otlp_json.of(request))
    whole.storage.flush()
    assert normal(answer(whole, trace_id)) == found


def test_bytes_are_base64_and_large_numbers_text(whole: Backend) -> None:
    request, one = one_span(uuid.uuid4().bytes)
    one.attributes.add(key="b").value.bytes_value = b"\xff\xef\xbe"
    one.attributes.add(key="i").value.int_value = 2**63 - 1
    one.end_time_unix_nano = 2**64 - 1
    one.kind = 77  # type: ignore[assignment]
    whole.send(request)
    [outer] = answer(whole, one.trace_id)["resourceSpans"]
    [found] = outer["scopeSpans"][0]["spans"]
    assert found == {
        "traceId": one.trace_id.hex(),
        "spanId": b"12345678".hex(),
        "kind": 77,
        "startTimeUnixNano": "1767225600000000000",
        "endTimeUnixNano": "18446744073709551615",
        "attributes": [
            {"key": "b", "value": {"bytesValue": base64.b64encode(b"\xff\xef\xbe").decode()}},
            {"key": "i", "value": {"intValue": "9223372036854775807"}},
        ],
    }


def test_spans_of_several_requests_are_grouped_again(whole: Backend) -> None:
    trace_id = uuid.uuid4().bytes
    for number in range(3):
        request, one = one_span(trace_id)
        one.span_id = bytes([number + 1] * 8)
        scope = request.resource_spans[0].scope_spans[0].scope
        scope.name = "other" if number == 1 else "library"
        whole.send(request)
    [outer] = answer(whole, trace_id)["resourceSpans"]
    found = {one["scope"]["name"]: len(one["spans"]) for one in outer["scopeSpans"]}
    assert found == {"library": 2, "other": 1}
