"""One record of the write-ahead log: a request's body, or our own rows, and what is known of it.

offset  bytes  field, integers little-endian
0       3      marker c7 47 52
3       1      version, 1
4       4      length of the header
8       4      length of the body
12      4      CRC-32 of bytes 0 to 11 and of the header
16      4      CRC-32 of the body
20             header: a goldeneye.wal.v1.RecordHeader
               body, as received after decompression; of own rows a stream of Arrow IPC
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import DecodeError

from goldeneye.schemas import Encoding, OwnTable, Signal
from storage.proto.goldeneye.wal.v1 import wal_pb2
from storage.wal.checksums import crc32s

MARKER: Final = b"\xc7GR"
VERSION: Final = 1
_LENGTHS: Final = struct.Struct("<3sBII")
_CHECKSUMS: Final = struct.Struct("<II")
PREFIX_BYTES: Final = _LENGTHS.size + _CHECKSUMS.size
# A tenant's name is short; a longer header is no header.
MAX_HEADER_BYTES: Final = 65_536
_SIGNALS: Final[dict[Signal, wal_pb2.Signal]] = {
    "traces": wal_pb2.SIGNAL_TRACES,
    "metrics": wal_pb2.SIGNAL_METRICS,
    "logs": wal_pb2.SIGNAL_LOGS,
}
_OWN_TABLES: Final[dict[OwnTable, wal_pb2.Signal]] = {
    "slo_minutes": wal_pb2.SIGNAL_SLO_MINUTES,
    "alert_events": wal_pb2.SIGNAL_ALERT_EVENTS,
    "notifications": wal_pb2.SIGNAL_NOTIFICATIONS,
}
_ENCODINGS: Final[dict[Encoding, wal_pb2.Encoding]] = {
    "protobuf": wal_pb2.ENCODING_PROTOBUF,
    "json": wal_pb2.ENCODING_JSON,
}
_SIGNAL_NAMES: Final = {number: name for name, number in _SIGNALS.items()}
_OWN_TABLE_NAMES: Final = {number: name for name, number in _OWN_TABLES.items()}
_ENCODING_NAMES: Final = {number: name for name, number in _ENCODINGS.items()}


class Unreadable(Exception):
    """The bytes are no record; its text says why."""


@dataclass(frozen=True)
class Record:
    tenant: str
    signal: Signal
    encoding: Encoding
    received_time_ns: int
    body: bytes | memoryview


@dataclass(frozen=True)
class OwnRecord:
    """Rows of a table that Goldeneye writes itself, as a stream of Arrow IPC."""

    tenant: str
    table: OwnTable
    received_time_ns: int
    body: bytes | memoryview


AnyRecord = Record | OwnRecord


def encode(records: Sequence[AnyRecord]) -> list[bytes]:
    """Of each record what stands before its body, and the body itself."""
    bodies = [body if isinstance(body := record.body, bytes) else bytes(body) for record in records]
    heads = map(_head, records, crc32s(bodies))
    return [part for parts in zip(heads, bodies, strict=True) for part in parts]


def _head(record: AnyRecord, body_checksum: int) -> bytes:
    signal, encoding = _kind(record)
    header = wal_pb2.RecordHeader(
        tenant=record.tenant,
        signal=signal,
        encoding=encoding,
        received_time_unix_nano=record.received_time_ns,
    ).SerializeToString()
    lengths = _LENGTHS.pack(MARKER, VERSION, len(header), len(record.body))
    return (
        lengths + _CHECKSUMS.pack(zlib.crc32(header, zlib.crc32(lengths)), body_checksum) + header
    )


def _kind(record: AnyRecord) -> tuple[wal_pb2.Signal, wal_pb2.Encoding]:
    if isinstance(record, OwnRecord):
        return _OWN_TABLES[record.table], wal_pb2.ENCODING_ARROW
    return _SIGNALS[record.signal], _ENCODINGS[record.encoding]


def decode(segment: memoryview, offset: int) -> tuple[AnyRecord, int]:
    """The record at `offset`, and where the next one begins.

    The body is a view of `segment`. Raises Unreadable.
    """
    start = offset + PREFIX_BYTES
    if start > len(segment):
        raise Unreadable("cut off within its prefix")
    marker, version, header_length, body_length = _LENGTHS.unpack_from(segment, offset)
    header_crc, body_crc = _CHECKSUMS.unpack_from(segment, offset + _LENGTHS.size)
    if marker != MARKER:
        raise Unreadable("no record begins here")
    if header_length > MAX_HEADER_BYTES or start + header_length > len(segment):
        raise Unreadable("cut off within its header")
    header = segment[start : start + header_length]
    lengths_crc = zlib.crc32(segment[offset : offset + _LENGTHS.size])
    if zlib.crc32(header, lengths_crc) != header_crc:
        raise Unreadable("its header's checksum is wrong")
    if version != VERSION:
        raise Unreadable(f"it has version {version}; this Goldeneye reads {VERSION}")
    end = start + header_length + body_length
    if end > len(segment):
        raise Unreadable("cut off within its body")
    body = segment[start + header_length : end]
    if zlib.crc32(body) != body_crc:
        raise Unreadable("its body's checksum is wrong")
    return _record(bytes(header), body), end


def _record(header: bytes, body: memoryview) -> AnyRecord:
    try:
        found = wal_pb2.RecordHeader.FromString(header)
    except DecodeError:
        raise Unreadable("its header is no message") from None
    table = _OWN_TABLE_NAMES.get(found.signal)
    if table is not None and found.encoding == wal_pb2.ENCODING_ARROW:
        return OwnRecord(found.tenant, table, found.received_time_unix_nano, body)
    signal = _SIGNAL_NAMES.get(found.signal)
    encoding = _ENCODING_NAMES.get(found.encoding)
    if signal is None or encoding is None:
        raise Unreadable(f"it has signal {found.signal} and encoding {found.encoding}")
    return Record(found.tenant, signal, encoding, found.received_time_unix_nano, body)
