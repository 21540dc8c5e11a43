"""The files that the Collector's file exporter writes, request by request.

`format: json` is one OTLP JSON object a line. `format: proto`, and any format with
`compression: zstd`, is a sequence of frames: four bytes of length, big-endian, then the message,
compressed on its own where compression is on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import orjson
import zstandard

from goldeneye import limits
from goldeneye.decoded import Decoder
from goldeneye.errors import GoldeneyeError
from goldeneye.schemas import SIGNALS, Encoding, Signal

_ROOTS: Final[dict[str, Signal]] = {
    "resourceSpans": "traces",
    "resource_spans": "traces",
    "resourceMetrics": "metrics",
    "resource_metrics": "metrics",
    "resourceLogs": "logs",
    "resource_logs": "logs",
}
_ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True)
class Export:
    """One request of a file; where `fault` is set, why it cannot be sent."""

    place: str
    signal: Signal | None
    encoding: Encoding
    body: bytes
    fault: str | None = None


def read_exports(file: Path, signal: Signal | None, decoder: Decoder) -> Iterator[Export]:
    """The file's requests in order. Raises GoldeneyeError where the file cannot be read."""
    try:
        with file.open("rb") as stream:
            first = stream.read(1)
            stream.seek(0)
            is_json_lines = first in (b"{", b"\n", b" ", b"\xef")
            yield from (
                _lines(file, stream, signal)
                if is_json_lines
                else _frames(file, stream, signal, decoder)
            )
    except OSError as error:
        raise GoldeneyeError(f"{file}: cannot be read: {error.strerror}") from error


def _lines(file: Path, stream: BinaryIO, signal: Signal | None) -> Iterator[Export]:
    for number, line in enumerate(stream, start=1):
        if line.strip():
            yield _json(f"{file}:{number}", line, signal)


def _frames(
    file: Path, stream: BinaryIO, signal: Signal | None, decoder: Decoder
) -> Iterator[Export]:
    number, offset = 0, 0
    while head := stream.read(4):
        number += 1
        place = f"{file}: message {number} at byte {offset}"
        length = int.from_bytes(head, "big")
        body = stream.read(length) if length <= limits.MAX_REQUEST_BODY_BYTES else b""
        if len(head) < 4 or len(body) < length:
            yield Export(place, signal, "protobuf", b"", "is cut off, or no file of the exporter")
            return
        offset += 4 + length
        yield _message(place, body, signal, decoder)


def _message(place: str, body: bytes, signal: Signal | None, decoder: Decoder) -> Export:
    if body.startswith(_ZSTD_MAGIC):
        try:
            body = zstandard.ZstdDecompressor().decompress(
                body, max_output_size=limits.MAX_REQUEST_BODY_BYTES
            )
        except zstandard.ZstdError as error:
            return Export(place, signal, "protobuf", b"", f"cannot be decompressed: {error}")
    if body.startswith(b"{"):
        return _json(place, body, signal)
    if signal is not None:
        return Export(place, signal, "protobuf", body)
    return _guess(place, body, decoder)


def _json(place: str, body: bytes, signal: Signal | None) -> Export:
    """The signal of a JSON request stands in its root member."""
    if signal is not None:
        return Export(place, signal, "json", body)
    try:
        members = orjson.loads(body)
    except orjson.JSONDecodeError:
        # Ours is the stricter reader with the better message; any signal gives it.
        return Export(place, "traces", "json", body)
    found = (
        [_ROOTS[name] for name in members if name in _ROOTS] if isinstance(members, dict) else []
    )
    if len(set(found)) != 1:
        return Export(
            place,
            None,
            "json",
            body,
            "holds none of resourceSpans, resourceMetrics, resourceLogs, or several",
        )
    return Export(place, found[0], "json", body)


def _guess(place: str, body: bytes, decoder: Decoder) -> Export:
    """The three signals share their outer fields; below them, wire types tell them apart."""
    fitting = [
        signal
        for signal in SIGNALS
        if decoder.decode(signal, "protobuf", [body], [0]).results[0].error is None
    ]
    if len(fitting) == 1:
        return Export(place, fitting[0], "protobuf", body)
    fault = f"could be {' or '.join(fitting)}: say which with --signal" if fitting else "is no OTLP"
    return Export(place, None, "protobuf", body, fault)
