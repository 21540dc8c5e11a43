"""Requests that are small to send, or allowed to be large, and heavy to hold in memory."""

import gzip
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

import cramjam
import httpx
import zstandard
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from support.requests import spans

from goldeneye.limits import MIB

_PROTOBUF: Final = "application/x-protobuf"
_JSON: Final = "application/json"
_TIMEOUT_S: Final = 120.0
# What the server may take at most, itself included, whichever of these it is sent.
PEAK_MAX_MIB: Final = 2_048


# Told to come again, where others take all that may be in flight.
_LATER: Final = 503


@dataclass(frozen=True)
class Heavy:
    """A POST, how it is answered, and how often it is sent: `at_once`, so many `times`."""

    make: Callable[[], bytes]
    status: int
    at_once: int = 1
    times: int = 1
    signal: str = "traces"
    content_type: str = _PROTOBUF
    coding: str | None = None

    @property
    def statuses(self) -> frozenset[int]:
        return frozenset({self.status, _LATER} if self.at_once > 1 else {self.status})

    def send(self, endpoint: str) -> Counter[int]:
        """How often it was answered how."""
        body = self.make()
        headers = {"Content-Type": self.content_type}
        if self.coding:
            headers["Content-Encoding"] = self.coding
        with (
            httpx.Client(base_url=endpoint, timeout=_TIMEOUT_S) as client,
            ThreadPoolExecutor(self.at_once) as pool,
        ):
            post = partial(client.post, f"/v1/{self.signal}", content=body, headers=headers)
            answers = pool.map(lambda _: post(), range(self.at_once * self.times))
            return Counter(answer.status_code for answer in answers)


def message(number: int, content: bytes) -> bytes:
    """A message as field `number` of the one around it."""
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def _empty_items(count: int) -> bytes:
    """Spans or log records: these have the same field numbers."""
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
    text = character * (size_bytes // len(character))
    ids = '"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174"'
    attribute = f'{{"key":"a","value":{{"stringValue":"{text}"}}}}'
    span = f'{{{ids},"attributes":[{attribute}]}}'
    return f'{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{span}]}}]}}]}}'.encode()


def _gzip_bomb() -> bytes:
    return gzip.compress(bytes(_BOMB_BYTES), 6)


def _deflate_bomb() -> bytes:
    return zlib.compress(bytes(_BOMB_BYTES))


def _zstd_bomb() -> bytes:
    return zstandard.ZstdCompressor().compress(bytes(_BOMB_BYTES))


def _lz4_bomb() -> bytes:
    return bytes(cramjam.lz4.compress(bytes(_BOMB_BYTES)))


def _snappy_bomb() -> bytes:
    return bytes(cramjam.snappy.compress_raw(bytes(_BOMB_BYTES)))


def _fitting_bomb() -> bytes:
    """Becomes as much as may be: all of it is read, and is no protobuf."""
    return gzip.compress(bytes(64 * MIB), 6)


_BOMB_BYTES: Final = 512 * MIB
_ALMOST: Final = 63 * MIB

HEAVY: Final[Mapping[str, Heavy]] = {
    "a gzip bomb of 512 MiB": Heavy(_gzip_bomb, 413, coding="gzip"),
    "a zstd bomb of 512 MiB": Heavy(_zstd_bomb, 413, coding="zstd"),
    "a deflate bomb of 512 MiB": Heavy(_deflate_bomb, 413, coding="deflate"),
    "an lz4 bomb of 512 MiB": Heavy(_lz4_bomb, 413, coding="lz4"),
    "a snappy bomb of 512 MiB": Heavy(_snappy_bomb, 413, coding="snappy"),
    "eight gzip bombs at once": Heavy(_gzip_bomb, 413, at_once=8, coding="gzip"),
    "eight gzip bodies of 64 MiB at once": Heavy(_fitting_bomb, 400, at_once=8, coding="gzip"),
    "200,000 empty spans in 400 kB": Heavy(lambda: _empty_items(200_000), 200),
    "200,000 empty spans in 400 kB, 64 times": Heavy(
        lambda: _empty_items(200_000), 200, at_once=8, times=8
    ),
    "33 million empty spans in 64 MiB": Heavy(lambda: _empty_items(_ALMOST // 2), 400),
    "a million empty log records in 2 MiB, 32 times": Heavy(
        lambda: _empty_items(1_000_000), 200, at_once=4, times=8, signal="logs"
    ),
    "a string of 16 MiB": Heavy(lambda: _one_string(16 * MIB), 200),
    "a string of 16 MiB, 16 times": Heavy(lambda: _one_string(16 * MIB), 200, at_once=4, times=4),
    "a string of 63 MiB": Heavy(lambda: _one_string(_ALMOST), 200),
    "a string of 63 MiB in JSON": Heavy(
        lambda: _one_json_string(_ALMOST, "x"), 200, content_type=_JSON
    ),
    "a string of 63 MiB in JSON, all escapes": Heavy(
        lambda: _one_json_string(_ALMOST, "\\n"), 200, content_type=_JSON
    ),
    "63 MiB of empty entity references": Heavy(lambda: _entity_refs(_ALMOST), 400),
    "a million empty entity references": Heavy(lambda: _entity_refs(2_000_000), 200),
}
