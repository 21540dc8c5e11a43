"""Spans, rule by rule: docs/decoding.md, sections 3 and 4. Both decoders keep to each."""

from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from support import outcome
from support.decoders import RECEIVED_NS, with_each_decoder

from goldeneye.decoded import Decoder

pytestmark = with_each_decoder

TRACE_ID, SPAN_ID = b"\xab" * 16, b"\x0f" * 8
MAX_TIME = 2**63 - 1


def span(**fields: Any) -> Span:
    return Span(**{"trace_id": TRACE_ID, "span_id": SPAN_ID, **fields})


def of(decoder: Decoder, *spans: Span) -> outcome.Outcome:
    return outcome.of(decoder, "traces", outcome.request("traces", *spans))


def row_of(decoder: Decoder, **fields: Any) -> dict[str, Any]:
    found = of(decoder, span(**fields))
    assert not found.warnings
    return found.row("spans")


def test_an_empty_span_is_null_where_nothing_was_said(decoder: Decoder) -> None:
    row = row_of(decoder)
    there = {name: value for name, value in row.items() if value is not None}
    assert there == {
        "trace_id": "ab" * 16,
        "span_id": "0f" * 8,
        "flags": 0,
        "name": "",
        "kind": "unspecified",
        "status_code": "unset",
        "dropped_attributes_count": 0,
        "dropped_events_count": 0,
        "dropped_links_count": 0,
        "events": [],
        "links": [],
        "resource_dropped_attributes_count": 0,
        "scope_dropped_attributes_count": 0,
        "received_time": RECEIVED_NS,
    }


WRONG_TRACE_IDS = [b"", bytes(16), b"\x01" * 15, b"\x01" * 17, b"\x01" * 8]
WRONG_SPAN_IDS = [b"", bytes(8), b"\x01" * 7, b"\x01" * 9, b"\x01" * 16]


@pytest.mark.parametrize("wrong", WRONG_TRACE_IDS)
def test_a_wrong_trace_id_is_the_first_fault(decoder: Decoder, wrong: bytes) -> None:
    faulty = span(trace_id=wrong, span_id=b"", parent_span_id=b"x")
    found = of(decoder, span(), faulty, span())
    assert found.rejected == {"invalid_trace_id": 1}
    assert len(found.rows("spans")) == 2


@pytest.mark.parametrize("wrong", WRONG_SPAN_IDS)
def test_a_wrong_span_id_is_the_second(decoder: Decoder, wrong: bytes) -> None:
    found = of(decoder, span(span_id=wrong, parent_span_id=b"x"))
    assert found.rejected == {"invalid_span_id": 1}
    assert not found.tables


@pytest.mark.parametrize("wrong", [b"\x01" * 7, b"\x01" * 9, b"x"])
def test_a_wrong_parent_is_the_third(decoder: Decoder, wrong: bytes) -> None:
    assert of(decoder, span(parent_span_id=wrong)).rejected == {"invalid_parent_span_id": 1}


@pytest.mark.parametrize("nobody", [b"", bytes(8), bytes(7), bytes(16)])
def test_no_parent_is_null(decoder: Decoder, nobody: bytes) -> None:
    assert row_of(decoder, parent_span_id=nobody)["parent_span_id"] is None


def test_kinds_and_codes_are_words_or_numbers(decoder: Decoder) -> None:
    words = ["unspecified", "internal", "server", "client", "producer", "consumer", "6", "-1"]
    for number, word in zip([*range(7), -1], words, strict=True):
        assert row_of(decoder, kind=number)["kind"] == word
    codes: list[tuple[Any, str]] = [(0, "unset"), (1, "ok"), (2, "error"), (3, "3"), (-7, "-7")]
    for number, word in codes:
        assert row_of(decoder, status=Status(code=number))["status_code"] == word


@pytest.mark.parametrize(
    ("start", "end", "duration"),
    [
        (5, 12, 7),
        (5, 5, 0),
        (12, 5, None),
        (0, 5, None),
        (5, 0, None),
        (1, MAX_TIME, MAX_TIME - 1),
        (1, MAX_TIME + 1, None),
        (2**64 - 1, 2**64 - 1, None),
    ],
)
def test_duration(decoder: Decoder, start: int, end: int, duration: int | None) -> None:
    row = row_of(decoder, start_time_unix_nano=start, end_time_unix_nano=end)
    assert row["duration_ns"] == duration


@pytest.mark.parametrize(
    ("sent", "time", "raw"),
    [
        (0, None, None),
        (1, 1, None),
        (MAX_TIME, MAX_TIME, None),
        (MAX_TIME + 1, None, MAX_TIME + 1),
        (2**64 - 1, None, 2**64 - 1),
    ],
)
def test_a_time_that_no_timestamp_holds_is_kept_as_it_is(
    decoder: Decoder, sent: int, time: int | None, raw: int | None
) -> None:
    event = Span.Event(time_unix_nano=sent)
    row = row_of(decoder, start_time_unix_nano=sent, end_time_unix_nano=sent, events=[event])
    assert (row["start_time"], row["start_time_unix_nano"]) == (time, raw)
    assert (row["end_time"], row["end_time_unix_nano"]) == (time, raw)
    assert (row["events"][0]["time"], row["events"][0]["time_unix_nano"]) == (time, raw)


def test_an_event_of_nothing(decoder: Decoder) -> None:
    nothing = {"time": None, "time_unix_nano": None, "name": "", "attributes": None}
    row = row_of(decoder, events=[Span.Event(), Span.Event(name="b"), Span.Event(name="a")])
    assert row["events"][0] == {**nothing, "dropped_attributes_count": 0}
    assert [event["name"] for event in row["events"]] == ["", "b", "a"]


@pytest.mark.parametrize(
    ("trace_id", "span_id"),
    [(wrong, SPAN_ID) for wrong in WRONG_TRACE_IDS]
    + [(TRACE_ID, wrong) for wrong in WRONG_SPAN_IDS],
)
def test_an_invalid_link_is_left_out(decoder: Decoder, trace_id: bytes, span_id: bytes) -> None:
    good = Span.Link(trace_id=TRACE_ID, span_id=SPAN_ID, flags=2**32 - 1)
    found = of(decoder, span(links=[good, Span.Link(trace_id=trace_id, span_id=span_id), good]))
    assert found.warnings == {"invalid_link": 1}
    link = {"trace_id": "ab" * 16, "span_id": "0f" * 8, "trace_state": None, "attributes": None}
    expected = {**link, "dropped_attributes_count": 0, "flags": 2**32 - 1}
    assert found.row("spans")["links"] == [expected] * 2


def test_counts_and_flags_are_unsigned(decoder: Decoder) -> None:
    names = ["flags", "dropped_attributes_count", "dropped_events_count", "dropped_links_count"]
    row = row_of(decoder, **dict.fromkeys(names, 2**32 - 1))
    assert [row[name] for name in names] == [2**32 - 1] * 4


def test_resource_and_scope_repeat_for_all_rows_below_them(decoder: Decoder) -> None:
    request = outcome.request("traces", span(name="a"), span(name="b"))
    envelope = request.resource_spans[0]
    envelope.resource.attributes.add(key="service.name").value.string_value = "shop"
    envelope.scope_spans[0].scope.name = "first"
    envelope.scope_spans.add().spans.append(span(name="c"))
    request.resource_spans.add().scope_spans.add().spans.append(span(name="d"))
    rows = outcome.of(decoder, "traces", request).rows("spans")
    found = [(row["name"], row["service_name"], row["scope_name"]) for row in rows]
    assert found == [
        ("a", "shop", "first"),
        ("b", "shop", "first"),
        ("c", "shop", None),
        ("d", None, None),
    ]


def test_a_service_name_that_is_no_string_is_an_attribute_like_any_other(decoder: Decoder) -> None:
    request = outcome.request("traces", span())
    value = request.resource_spans[0].resource.attributes.add(key="service.name").value
    value.int_value = 5
    row = outcome.of(decoder, "traces", request).row("spans")
    assert row["service_name"] is None
    assert row["resource_attributes_other"] == '{"service.name":5}'
    value.string_value = ""
    row = outcome.of(decoder, "traces", request).row("spans")
    assert (row["service_name"], row["resource_attributes_other"]) == ("", None)


def test_entity_refs_have_all_four_members(decoder: Decoder) -> None:
    request = outcome.request("traces", span())
    refs = request.resource_spans[0].resource.entity_refs
    refs.add()
    refs.add(schema_url='u"', type="t", id_keys=["a", "b"], description_keys=["c"])
    row = outcome.of(decoder, "traces", request).row("spans")
    assert row["resource_entity_refs"] == (
        '[{"schema_url":"","type":"","id_keys":[],"description_keys":[]},'
        '{"schema_url":"u\\"","type":"t","id_keys":["a","b"],"description_keys":["c"]}]'
    )
