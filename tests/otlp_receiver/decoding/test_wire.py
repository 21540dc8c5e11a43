"""Protobuf, rule by rule: docs/decoding.md, section 1. Both decoders keep to each."""

import struct

import pytest
from google.protobuf.descriptor import FieldDescriptor
from support import full_request, otlp_fields, outcome
from support.any_values import ALIKE, pair, wire
from support.decoders import decode, with_each_decoder
from support.otlp_wire import sized, tag, varint

from goldeneye.decoded import Decoder
from goldeneye.schemas import SIGNALS, Signal

pytestmark = with_each_decoder

VARINT, FIXED64, START, END, FIXED32 = 0, 1, 3, 4, 5
IDS = sized(1, b"\x01" * 16) + sized(2, b"\x02" * 8)
SPAN = IDS + sized(5, b"s")
# An event name: what is read otherwise where something is no UTF-8 must be the same.
NOT_UTF8 = sized(12, b"\xff")
UNKNOWN = {
    "varint": tag(99, VARINT) + b"\xff" * 9 + b"\x01",
    "fixed64": tag(2**29 - 1, FIXED64) + b"12345678",
    "bytes": sized(1000, b"\xff\x00"),
    "fixed32": tag(99, FIXED32) + b"1234",
    "group": tag(99, START) + tag(99, END),
    "groups in a group": (
        tag(99, START)
        + (tag(1, START) + sized(2, b"\xff") + tag(1, END)) * 2
        + tag(7, VARINT)
        + varint(5)
        + tag(99, END)
    ),
    "groups as deep as the body": tag(99, START) * 5000 + tag(99, END) * 5000,
}
BROKEN = {
    "a varint of 11 bytes": tag(99, VARINT) + b"\xff" * 10 + b"\x01",
    "a varint cut off": tag(99, VARINT) + b"\xff",
    "a length beyond the end": tag(99, 2) + varint(2) + b"x",
    "a length beyond all bounds": tag(99, 2) + varint(2**64 - 1) + b"x",
    "eight bytes cut off": tag(99, FIXED64) + b"1234567",
    "four bytes cut off": tag(99, FIXED32) + b"123",
    "field number 0": sized(0, b"x"),
    "a tag of 33 bits": varint(2**35 | 99 << 3) + varint(1),
    "wire type 6": tag(99, 6) + b"\x01",
    "wire type 7": tag(99, 7) + b"\x01",
    "a group without an end": tag(99, START) + tag(1, VARINT) + b"\x01",
    "a group that ends as another": tag(99, START) + tag(98, END),
    "an end without a group": tag(99, END),
    "field number 0 in a group": tag(99, START) + sized(0, b"x") + tag(99, END),
}


def request(span: bytes) -> bytes:
    return sized(1, sized(2, sized(2, span)))


def at_every_level(inserted: bytes) -> list[bytes]:
    """A request of one span, with this beside it: in the span, its scope and so on outwards."""
    bodies = []
    for level in range(4):
        body = SPAN
        for depth in range(4):
            body += inserted if depth == level else b""
            body = sized((2, 2, 1)[depth], body) if depth < 3 else body
        bodies.append(body)
    return bodies


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_fields_are_skipped_at_every_level(decoder: Decoder, name: str) -> None:
    for body in at_every_level(UNKNOWN[name]):
        found = outcome.of(decoder, "traces", body)
        assert found.row("spans")["name"] == "s"
        assert not found.warnings


@pytest.mark.parametrize("name", BROKEN)
def test_broken_bodies_are_refused_wherever_they_break(decoder: Decoder, name: str) -> None:
    for body in at_every_level(BROKEN[name]):
        outcome.refusal(decoder, "traces", body)


def test_a_refused_body_does_not_touch_its_neighbours(decoder: Decoder) -> None:
    good = request(SPAN)
    decoded = decode(decoder, "traces", "protobuf", [good, good[:-1], good])
    assert [result.accepted for result in decoded.results] == [1, 0, 1]
    assert decoded.batches["spans"].num_rows == 2


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_known_field_of_another_wire_type_is_refused(decoder: Decoder, signal: Signal) -> None:
    """Every field of every message, by its own number."""
    for path, field in otlp_fields.paths(signal).items():
        is_long = field.cpp_type in (
            FieldDescriptor.CPPTYPE_MESSAGE,
            FieldDescriptor.CPPTYPE_STRING,
        )
        wrong = tag(field.number, VARINT) + b"\x01" if is_long else sized(field.number, b"1234567")
        if field.is_repeated and not is_long:
            wrong = tag(field.number, FIXED32) + b"1234"
        numbers = [otlp_fields.paths(signal)[name].number for name in prefixes(path)]
        for number in reversed(numbers):
            wrong = sized(number, wrong)
        assert field.name in outcome.refusal(decoder, signal, wrong), path


def prefixes(path: str) -> list[str]:
    """The paths of the messages around a field, outermost first."""
    parts = path.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))]


@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize("other", SIGNALS)
def test_another_signals_body_is_refused(decoder: Decoder, signal: Signal, other: Signal) -> None:
    body = full_request.full(signal).SerializeToString()
    if signal == other:
        assert outcome.of(decoder, signal, body).tables
    else:
        outcome.refusal(decoder, other, body)


# What occurs again


def test_a_message_that_occurs_again_is_merged(decoder: Decoder) -> None:
    status = sized(15, sized(2, b"why")) + sized(15, tag(3, VARINT) + b"\x02")
    row = outcome.of(decoder, "traces", request(SPAN + status)).row("spans")
    assert (row["status_code"], row["status_message"]) == ("error", "why")
    resources = sized(1, sized(1, pair("a", 1))) + sized(1, sized(1, pair("b", 2)))
    body = sized(1, sized(2, sized(2, SPAN)) + resources)
    row = outcome.of(decoder, "traces", body).row("spans")
    assert row["resource_attributes_other"] == '{"a":1,"b":2}'


def test_a_scalar_that_occurs_again_is_replaced(decoder: Decoder) -> None:
    row = outcome.of(decoder, "traces", request(SPAN + sized(5, b"again"))).row("spans")
    assert row["name"] == "again"
    row = outcome.of(decoder, "traces", request(SPAN + sized(5, b""))).row("spans")
    assert row["name"] == ""


LIST, MAP = sized(5, sized(1, sized(1, b"x"))), sized(6, sized(1, pair("k", 1)))


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (LIST + LIST, '["x","x"]'),
        (MAP + sized(6, sized(1, pair("l", 2))), '{"k":1,"l":2}'),
        (MAP + MAP, '{"k":1}'),
        (LIST + MAP, '{"k":1}'),
        (MAP + LIST, '["x"]'),
        (LIST + MAP + LIST, '["x"]'),
        (LIST + sized(1, b"s"), '"s"'),
        (sized(1, b"s") + sized(1, b"t"), '"t"'),
        (sized(1, b"s") + tag(3, VARINT) + b"\x05", "5"),
        (LIST + sized(5, b"") + sized(99, b""), '["x"]'),
        (sized(99, b"unknown"), "null"),
    ],
)
@pytest.mark.parametrize("beside", [b"", NOT_UTF8], ids=["plain", "beside wrong UTF-8"])
def test_a_oneof_that_occurs_again(
    decoder: Decoder, value: bytes, found: str, beside: bytes
) -> None:
    body = sized(1, sized(2, sized(2, sized(5, value) + beside)))
    assert outcome.of(decoder, "logs", body).row("logs")["body"] == found
    if value in (LIST + LIST, MAP + MAP):
        halves = sized(5, value[: len(value) // 2]) + sized(5, value[len(value) // 2 :])
        body = sized(1, sized(2, sized(2, halves + beside)))
        assert outcome.of(decoder, "logs", body).row("logs")["body"] == found


def test_the_data_of_a_metric_that_occurs_again(decoder: Decoder) -> None:
    point = sized(1, tag(3, FIXED64) + struct.pack("<Q", 1) + tag(6, FIXED64) + bytes(8))
    gauge, total = sized(5, point), sized(7, tag(2, VARINT) + b"\x02" + point)
    for data, kind, points in [
        (gauge + gauge, "gauge", 2),
        (gauge + total, "sum", 1),
        (total + gauge, "gauge", 1),
        (gauge + total + gauge, "gauge", 1),
        (sized(7, point) + sized(7, tag(2, VARINT) + b"\x02"), "sum", 1),
    ]:
        found = outcome.of(decoder, "metrics", sized(1, sized(2, sized(2, data))))
        assert found.row("metric_series")["type"] == kind
        assert len(found.rows("metric_points")) == points


# Numbers


def test_varints_are_cut_as_protobuf_cuts_them(decoder: Decoder) -> None:
    def field(number: int, value: int) -> bytes:
        return tag(number, VARINT) + varint(value)

    span = SPAN + field(6, 2**32 + 3) + field(10, 2**40 + 5)
    row = outcome.of(decoder, "traces", request(span)).row("spans")
    assert (row["kind"], row["dropped_attributes_count"]) == ("client", 5)
    row = outcome.of(decoder, "traces", request(SPAN + field(6, 2**64 - 1))).row("spans")
    assert row["kind"] == "-1"
    for value, found in [(2, "true"), (2**40, "true"), (0, "false")]:
        body = sized(1, sized(2, sized(2, sized(5, field(2, value)))))
        assert outcome.of(decoder, "logs", body).row("logs")["body"] == found


@pytest.mark.parametrize("size_bytes", [2, 5, 6, 9, 10])
def test_a_varint_may_be_longer_than_it_must(decoder: Decoder, size_bytes: int) -> None:
    long_tag, long_length = padded(5 << 3 | 2, size_bytes), padded(1, size_bytes)
    long_value = tag(6, VARINT) + padded(3, size_bytes)
    span = IDS + long_tag + long_length + b"s" + long_value + padded(99 << 3, size_bytes) + b"\x01"
    row = outcome.of(decoder, "traces", request(span)).row("spans")
    assert (row["name"], row["kind"]) == ("s", "client")


def padded(value: int, size_bytes: int) -> bytes:
    """A varint of this many bytes."""
    groups = [value >> shift & 0x7F for shift in range(0, 7 * size_bytes, 7)]
    return bytes([group | 0x80 for group in groups[:-1]] + groups[-1:])


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("histogram.data_points.bucket_counts", b"1234567"),
        ("histogram.data_points.explicit_bounds", b"123456789"),
        ("exponential_histogram.data_points.positive.bucket_counts", b"\x01\xff"),
        ("exponential_histogram.data_points.positive.bucket_counts", b"\xff" * 10 + b"\x01"),
    ],
)
def test_packed_numbers_must_end_where_the_field_does(
    decoder: Decoder, path: str, wrong: bytes
) -> None:
    path = f"resource_metrics.scope_metrics.metrics.{path}"
    fields = otlp_fields.paths("metrics")
    for name in reversed([*prefixes(path), path]):
        wrong = sized(fields[name].number, wrong)
    assert "resource_metrics" in outcome.refusal(decoder, "metrics", wrong)


@pytest.mark.parametrize("kind", ["packed", "one by one", "mixed"])
def test_repeated_numbers_may_be_packed_or_not(decoder: Decoder, kind: str) -> None:
    def numbers(number: int, wire_type: int, values: list[bytes]) -> bytes:
        first = 0 if kind == "one by one" else 2 if kind == "packed" else 1
        packed = sized(number, b"".join(values[:first])) if first else b""
        return packed + b"".join(tag(number, wire_type) + value for value in values[first:])

    time = tag(3, FIXED64) + struct.pack("<Q", 1)
    counts = numbers(6, FIXED64, [struct.pack("<Q", value) for value in (7, 8)])
    histogram = time + counts + numbers(7, FIXED64, [struct.pack("<d", 0.5)])
    side = sized(8, numbers(2, VARINT, [varint(300), varint(5)]))
    for number, point in ((9, histogram), (10, time + side)):
        data = sized(number, sized(1, point) + tag(2, VARINT) + b"\x01")
        row = outcome.of(decoder, "metrics", sized(1, sized(2, sized(2, data))))
        found = row.row("metric_points")
        if number == 9:
            assert (found["bucket_counts"], found["explicit_bounds"]) == ([7, 8], [0.5])
        else:
            assert found["positive_bucket_counts"] == [300, 5]


# Text


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"\xff", "\ufffd"),
        (b"a\xc3", "a\ufffd"),
        (b"\xed\xa0\x80", "\ufffd" * 3),
        (b"\xf0\x9f\x98", "\ufffd"),
        (b"\xf0\x9f\x98z", "\ufffdz"),
        (b"\xc0\xafz", "\ufffd\ufffdz"),
        (b"\xf4\x90\x80\x80", "\ufffd" * 4),
        (b"\xe2\x82\xc3\xa9", "\ufffdé"),
    ],
)
def test_each_maximal_part_that_is_not_utf8_is_replaced(
    decoder: Decoder, raw: bytes, found: str
) -> None:
    result = outcome.of(decoder, "traces", request(IDS + sized(5, raw)))
    assert result.row("spans")["name"] == found
    assert result.warnings == {"invalid_utf8": 1}


@pytest.mark.parametrize("signal", SIGNALS)
def test_every_string_may_be_wrong_utf8(decoder: Decoder, signal: Signal) -> None:
    for path, field in otlp_fields.paths(signal).items():
        if field.type != FieldDescriptor.TYPE_STRING:
            continue
        ((_, body),) = otlp_fields.pairs(signal, path)
        assert body.count(b"text") == 1
        found = outcome.of(decoder, signal, body.replace(b"text", b"te\xfft"))
        expected = outcome.of(decoder, signal, body.replace(b"text", "t\u00e9t".encode()))
        assert found.warnings == {"invalid_utf8": 1}, path
        assert not expected.warnings
        shown, wanted = str(found.tables), str(expected.tables)
        assert "te\ufffdt" in shown, path
        assert without_ids(shown.replace("te\ufffdt", "t\u00e9t")) == without_ids(wanted), path


def without_ids(shown: str) -> str:
    """Series are told apart by their names' and attributes' bytes."""
    parts = shown.split(", ")
    return ", ".join(part for part in parts if "series_" not in part)


def test_values_are_the_same_beside_wrong_utf8(decoder: Decoder) -> None:
    index = tag(3, VARINT) + b"\x05"
    values = [wire(value) for value in ALIKE] + [tag(8, VARINT) + b"\x07"]
    records = b"".join(
        sized(2, sized(5, value) + sized(6, sized(1, b"k") + sized(2, value) + index))
        + sized(2, sized(5, sized(6, sized(1, sized(1, b"k") + sized(2, value) + index))))
        for value in values
    )
    plain = outcome.of(decoder, "logs", sized(1, sized(2, records + sized(2, b""))))
    beside = outcome.of(decoder, "logs", sized(1, sized(2, records + sized(2, NOT_UTF8))))
    assert plain.warnings == {"string_index": 2 * len(values) + 3}
    assert beside.warnings == {**plain.warnings, "invalid_utf8": 1}
    assert beside.rows("logs")[:-1] == plain.rows("logs")[:-1]


def test_equal_keys_are_found_after_replacement(decoder: Decoder) -> None:
    def attribute(raw: bytes, value: bytes) -> bytes:
        return sized(9, sized(1, raw) + sized(2, sized(1, value)))

    span = SPAN + attribute(b"a\xff", b"1") + attribute("a\ufffd".encode(), b"2")
    found = outcome.of(decoder, "traces", request(span))
    assert found.row("spans")["attributes_other"] == '{"a\ufffd":"2"}'
    assert found.warnings == {"invalid_utf8": 1}
