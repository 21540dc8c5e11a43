"""Requests of realistic traces, millions of spans a second: templates whose ids and times change.

    python benchmarks/traces.py     # what the generated traces look like, and how fast they come

A body is what a gateway collector sends: 8,192 spans of whole traces, grouped by the service
instance that made them. Depth, fan-out and popularity come from shop.py; each span has ten
attributes, of which `user.id` (a million users, few of them busy) and `shop.request.id` (new for
each span) have many values.
"""

import random
import re
import struct
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import payloads
import shop
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]

BODY_SPANS: Final = 8_192
# Ten million spans are not quite three hours.
SPANS_A_SECOND: Final = 1_000
USERS: Final = 1_000_000
_TEMPLATES: Final = 16
_MARK: Final = b"\xf1\xf2\xf3"
_HEX: Final = np.frombuffer(b"0123456789abcdef", np.uint8)
_REQUEST_DIGITS: Final = 12


@dataclass(frozen=True)
class _Template:
    """A body, where its spans' changing bytes are, and the spans' trees.

    Spans are numbered tree by tree. `parent_at` and `parents` are of those that have a parent,
    `event_at` and `failed` of those that failed.
    """

    data: Bytes
    trace: Offsets
    start_ns: Offsets
    duration_ns: Offsets
    trace_at: Offsets
    span_at: Offsets
    parent_at: Offsets
    parents: Offsets
    start_at: Offsets
    end_at: Offsets
    event_at: Offsets
    failed: Offsets
    user_at: Offsets
    request_at: Offsets


class Traces:
    """Bodies by number: the same number has the same spans, for one seed."""

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed
        self._templates = [_template(shop.Shop(seed), seed + n) for n in range(_TEMPLATES)]
        self._users = _digits(np.arange(USERS), 7)

    def body(self, number: int) -> bytes:
        """The spans that were made `BODY_SPANS / SPANS_A_SECOND` seconds after the last body's."""
        rng = np.random.default_rng((self._seed, number))
        made = self._templates[number % _TEMPLATES]
        data = made.data.copy()
        spans, traces = len(made.trace), int(made.trace[-1]) + 1
        _put(data, made.trace_at, _random(rng, traces, 16)[made.trace])
        ids = _random(rng, spans, 8)
        _put(data, made.span_at, ids)
        _put(data, made.parent_at, ids[made.parents])
        start_ns, end_ns = self._times(rng, made, number, traces)
        _put(data, made.start_at, _fixed64(start_ns))
        _put(data, made.end_at, _fixed64(end_ns))
        _put(data, made.event_at, _fixed64(end_ns[made.failed]))
        # Cubed, so that a hundredth of the users makes a fifth of the requests.
        users = (rng.random(traces) ** 3 * USERS).astype(np.int64)
        _put(data, made.user_at, self._users[users][made.trace])
        _put(data, made.request_at, _HEX[rng.integers(0, 16, (spans, _REQUEST_DIGITS), np.uint8)])
        return data.tobytes()

    def received_ns(self, number: int) -> int:
        """When the body arrives: the end of its time."""
        return payloads.START_NS + (number + 1) * BODY_SPANS * 10**9 // SPANS_A_SECOND

    def _times(
        self, rng: np.random.Generator, made: _Template, number: int, traces: int
    ) -> tuple[Offsets, Offsets]:
        window_ns = BODY_SPANS * 10**9 // SPANS_A_SECOND
        begin_ns = payloads.START_NS + number * window_ns
        trace_ns = begin_ns + rng.integers(0, window_ns, traces)
        slowness = rng.lognormal(0, 0.4, traces)[made.trace]
        start_ns = trace_ns[made.trace] + (made.start_ns * slowness).astype(np.int64)
        return start_ns, start_ns + (made.duration_ns * slowness).astype(np.int64)


def _template(what: shop.Shop, seed: int) -> _Template:
    rng = random.Random(seed)
    calls, parents, trace = _calls(what, rng)
    data = _request(calls, parents, trace).SerializeToString()
    ordered = np.array(parents)
    children = np.flatnonzero(ordered >= 0)
    failed = np.flatnonzero([call.failed for call in calls])
    return _Template(
        data=np.frombuffer(data, np.uint8),
        trace=np.array(trace),
        start_ns=np.array([call.start_ns for call in calls]),
        duration_ns=np.array([call.duration_ns for call in calls]),
        trace_at=_places(data, _MARK + b"T(....)........", len(calls)),
        span_at=_places(data, _MARK + b"S(....)", len(calls)),
        parent_at=_places(data, _MARK + b"P(....)", len(calls))[children],
        parents=ordered[children],
        start_at=_places(data, b"\x39(....)" + _MARK + b"\x01", len(calls)) + 1,
        end_at=_places(data, b"\x41(....)" + _MARK + b"\x02", len(calls)) + 1,
        event_at=_places(data, b"\x09(....)" + _MARK + b"\x03", len(calls))[failed] + 1,
        failed=failed,
        user_at=_places(data, rb"user-(\d{7})", len(calls)) + 5,
        request_at=_places(data, rb"\x0a\x0c(\d{12})", len(calls)) + 2,
    )


def _calls(what: shop.Shop, rng: random.Random) -> tuple[list[shop.Call], list[int], list[int]]:
    """Whole traces of BODY_SPANS spans, the last one cut off; parents' numbers; traces' numbers."""
    calls: list[shop.Call] = []
    parents: list[int] = []
    trace: list[int] = []
    while (at := len(calls)) < BODY_SPANS:
        tree = what.trace(rng)[: BODY_SPANS - at]
        calls += tree
        parents += [at + call.parent if call.parent >= 0 else -1 for call in tree]
        trace += [trace[-1] + 1 if trace else 0] * len(tree)
    return calls, parents, trace


def _request(calls: list[shop.Call], parents: list[int], trace: list[int]) -> Any:
    request = ExportTraceServiceRequest()
    by_instance: dict[tuple[str, int], list[int]] = defaultdict(list)
    for number, call in enumerate(calls):
        by_instance[call.service, call.instance].append(number)
    for (service, instance), numbers in by_instance.items():
        envelope = request.resource_spans.add()
        for key, value in shop.resource(service, instance):
            payloads.attribute(envelope.resource.attributes.add(), key, value)
        scoped = envelope.scope_spans.add()
        scoped.scope.name, scoped.scope.version = "opentelemetry.instrumentation.asgi", "0.51b0"
        for number in numbers:
            _fill(scoped.spans.add(), calls[number], number, parents[number], trace[number])
    return request


def _fill(span: Any, call: shop.Call, number: int, parent: int, trace: int) -> None:
    """Marked with the span's number wherever bytes change later."""
    mark = struct.pack("<I", number)
    span.trace_id = _MARK + b"T" + mark + bytes(8)
    span.span_id = _MARK + b"S" + mark
    if parent >= 0:
        span.parent_span_id = _MARK + b"P" + mark
    span.name, span.kind, span.flags = call.name, call.kind, 1
    span.start_time_unix_nano = int.from_bytes(mark + _MARK + b"\x01", "little")
    span.end_time_unix_nano = int.from_bytes(mark + _MARK + b"\x02", "little")
    many = {"user.id": shop.USER.format(number), "shop.request.id": shop.REQUEST.format(number)}
    for key, value in {**call.attributes, **many}.items():
        payloads.attribute(span.attributes.add(), key, value)
    if call.failed:
        span.status.code, span.status.message = 2, "no answer within 2 s"
        event = span.events.add()
        event.time_unix_nano = int.from_bytes(mark + _MARK + b"\x03", "little")
        shop.failure(event)


def _places(data: bytes, pattern: bytes, spans: int) -> Offsets:
    """Where the pattern begins, by the number of the span that it marks; 0 where it is not."""
    found = np.zeros(spans, np.int64)
    for match in re.finditer(pattern, data, re.DOTALL):
        mark = match[1]
        number = int(mark) if mark.isdigit() and len(mark) > 4 else struct.unpack("<I", mark)[0]
        found[number] = match.start()
    return found


def _put(data: Bytes, places: Offsets, values: Bytes) -> None:
    data[places[:, None] + np.arange(values.shape[1])] = values


def _fixed64(values: Offsets) -> Bytes:
    return values.view(np.uint8).reshape(-1, 8)


def _random(rng: np.random.Generator, count: int, size: int) -> Bytes:
    return np.frombuffer(rng.bytes(count * size), np.uint8).reshape(count, size)


def _digits(numbers: Offsets, width: int) -> Bytes:
    powers = 10 ** np.arange(width - 1, -1, -1)
    return (numbers[:, None] // powers % 10 + ord("0")).astype(np.uint8)


def main() -> None:
    traces = Traces()
    requests = [ExportTraceServiceRequest.FromString(traces.body(n)) for n in range(4)]
    parents = {span.span_id: span.parent_span_id for span in _spans(requests)}
    sizes: dict[bytes, int] = defaultdict(int)
    for span in _spans(requests):
        sizes[span.trace_id] += 1
    counts = np.array(list(sizes.values()))
    depths = np.array([_depth(one, parents) for one in parents])
    print(f"spans a trace: mean {counts.mean():.1f}, median {np.median(counts):.0f}", end=", ")
    print(f"p99 {np.percentile(counts, 99):.0f}, most {counts.max()}")
    print(f"depth: mean {depths.mean():.1f}, most {depths.max()}")
    start_s = time.perf_counter()
    total = sum(len(traces.body(number)) for number in range(64))
    spans = 64 * BODY_SPANS
    print(
        f"{total / spans:.0f} bytes a span, {spans / (time.perf_counter() - start_s):,.0f} spans/s"
    )


def _spans(requests: list[Any]) -> Iterator[Any]:
    for request in requests:
        for envelope in request.resource_spans:
            for scoped in envelope.scope_spans:
                yield from scoped.spans


def _depth(span_id: bytes, parents: dict[bytes, bytes]) -> int:
    return 1 + _depth(parents[span_id], parents) if parents[span_id] else 1


if __name__ == "__main__":
    main()
