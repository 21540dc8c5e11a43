"""Requests that are small to send, or allowed to be large, and heavy to hold in memory."""

import gzip
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import zstandard
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from support.requests import spans

from goldeneye.limits import MAX_REQUEST_BODY_BYTES, MIB

_PROTOBUF: Final = "application/x-protobuf"
_JSON: Final = "application/json"


@dataclass(frozen=True)
class Heavy:
    """A POST to /v1/traces, how it is answered, and how often it is sent at once."""

    what: str
    make: Callable[[], bytes]
    statuses: frozenset[int]
    at_once: int = 1
    content_type: str = _PROTOBUF
    coding: str | None = None


def message(number: int, content: bytes) -> bytes:
    """Field `number` of wire type 2."""
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def _empty_spans(count: int) -> bytes:
    return message(1, message(2, b"\x12\x00" * count))


def _entity_refs(size_bytes: int) -> bytes:
    """A resource of that many bytes, all of them entity references without content; one span."""
    resource = message(1, b"\x1a\x00" * (size_bytes // 2))
    scoped = ExportTraceServiceRequest.FromString(spans(1)).resource_spans[0].scope_spans[0]
    return message(1, resource + message(2, scoped.SerializeToString()))


def _one_string(size_bytes: int) -> bytes:
    request = ExportTraceServiceRequest.FromString(spans(1))
    span = request.resource_spans[0].scope_spans[0].spans[0]
    span.attributes.add(key="a").value.string_value = "x" * size_bytes
    return request.SerializeToString()


def _one_json_string(size_bytes: int, character: str) -> bytes:
    """One span with one attribute, its text written with `character` over and over."""
    attribute = '{"key":"a","value":{"stringValue":"%s"}}' % (
        character * (size_bytes // len(character))
    )
    ids = '"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174"'
    return (
        '{"resourceSpans":[{"scopeSpans":[{"spans":[{%s,"attributes":[%s]}]}]}]}' % (ids, attribute)
    ).encode()


def _zeros(compress: Callable[[bytes], bytes], size_bytes: int) -> Callable[[], bytes]:
    return lambda: compress(bytes(size_bytes))


_BOMB_BYTES: Final = 512 * MIB
_TOO_LARGE: Final = frozenset({413})
# Told to come again where the others take all that may be in flight.
_OR_LATER: Final = frozenset({413, 503})
_STORED: Final = frozenset({200})
_OK_OR_LATER: Final = frozenset({200, 503})

