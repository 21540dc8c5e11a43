"""Requests of realistic log records, two million a second: a template whose ids and times change.

    python benchmarks/log_lines.py     # what the records look like, and how fast they come

A body has 8,192 records of the shop's services (shop.py), 90 bytes of text each, most of them of
INFO, one in a hundred of ERROR; `request=` has a new id in each record, users and orders have
many. One body in a thousand has the word `kaputnik` in one record.
"""

import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import payloads
import shop
from filling import GROUP_BODIES, SEGMENT_BYTES, Cost, commit, opened
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from goldeneye.clock import ManualClock

BODY_RECORDS: Final = 8_192
RECORDS_A_SECOND: Final = 1_000
RARE: Final = b"kaputnik"
_RARE_EVERY: Final = 1_000
_PLACE_OF_RARE: Final = b"workload"
_TEXTS: Final = (
    (9, "INFO", "GET /api/v1/items/{order} 200 in {ms} ms request={id} user=user-{user}"),
    (9, "INFO", "POST /api/v2/orders/{order}/lines 201 in {ms} ms request={id} user=user-{user}"),
    (9, "INFO", "cache hit for cart of user-{user}, {ms} entries, request={id} shard 10.4.{ip}"),
    (9, "INFO", "query SELECT id, name, state FROM item WHERE id = {order} took {ms} ms {id}"),
    (5, "DEBUG", "workload balanced over pods, order {order} goes to 10.8.{ip} request={id}"),
    (13, "WARN", "upstream pricing answered slowly: {ms} ms, retry 1 of 3, request={id}"),
    (17, "ERROR", "connection to 10.9.{ip}:5432 refused after {ms} ms: request={id} user-{user}"),
    (17, "ERROR", "payment for order {order} failed: card declined by issuer, request={id}"),
)
_WEIGHTS: Final = (30, 15, 15, 20, 15, 4, 0.5, 0.5)
_HEX: Final = np.frombuffer(b"0123456789abcdef", np.uint8)
_DIGITS: Final = np.frombuffer(b"0123456789", np.uint8)
# Of fixed length, and found nowhere else in the body.
_MARKS: Final = {"order": "ORDERORD", "ms": "MSMS", "id": "REQUESTREQUESTID", "user": "USERUSE"}
_IP: Final = "IPI.PIP"
_TIME: Final = 0x0123456789ABCDEF
_TRACE: Final = b"\xf1TRACE_OF_RECORD"


class LogLines:
    """Bodies by number: the same number has the same records, for one seed."""

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed
        data = _request(random.Random(seed)).SerializeToString()
        self._template = np.frombuffer(data, np.uint8)
        self._places = {
            mark: np.array([found.start() for found in re.finditer(re.escape(mark), data)])
            for mark in (
                *(text.encode() for text in (*_MARKS.values(), _IP)),
                _TIME.to_bytes(8, "little"),
                _TRACE,
                _PLACE_OF_RARE,
            )
        }

    def body(self, number: int) -> bytes:
        """The records of the `BODY_RECORDS / RECORDS_A_SECOND` seconds after the last body's."""
        rng = np.random.default_rng((self._seed, number))
        data = self._template.copy()
        for mark, letters in ((_MARKS["order"], _DIGITS), (_MARKS["ms"], _DIGITS)):
            self._put(data, mark.encode(), letters, rng)
        self._put(data, _MARKS["user"].encode(), _DIGITS, rng)
        self._put(data, _MARKS["id"].encode(), _HEX, rng)
        ip_places = self._places[_IP.encode()]
        data[ip_places[:, None] + [0, 1, 2, 4, 5, 6]] = _drawn(rng, _DIGITS, len(ip_places), 6)
        traces = self._places[_TRACE]
        data[traces[:, None] + np.arange(16)] = rng.integers(1, 255, (len(traces), 16), np.uint8)
        times = self._places[_TIME.to_bytes(8, "little")]
        window_ns = BODY_RECORDS * 10**9 // RECORDS_A_SECOND
        begin_ns = payloads.START_NS + number * window_ns
        made_ns = begin_ns + rng.integers(0, window_ns, len(times))
        data[times[:, None] + np.arange(8)] = made_ns.view(np.uint8).reshape(-1, 8)
        if number % _RARE_EVERY == 0:
            at = self._places[_PLACE_OF_RARE][0]
            data[at : at + len(RARE)] = np.frombuffer(RARE, np.uint8)
        return data.tobytes()

    def received_ns(self, number: int) -> int:
        """When the body arrives: the end of its time."""
        return payloads.START_NS + (number + 1) * BODY_RECORDS * 10**9 // RECORDS_A_SECOND

    def _put(self, data: Any, mark: bytes, letters: Any, rng: np.random.Generator) -> None:
        places = self._places[mark]
        data[places[:, None] + np.arange(len(mark))] = _drawn(rng, letters, len(places), len(mark))


def write_logs(data_dir: Path, records: int) -> Cost:
    """Write whole bodies of at least so many records; what the flushes cost."""
    lines, clock, flush = LogLines(), ManualClock(payloads.START_NS), Cost()
    last_body = -(-records // BODY_RECORDS)
    with opened(data_dir, clock) as storage:
        waiting_bytes = 0
        for number in range(0, last_body, GROUP_BODIES):
            group = range(number, min(number + GROUP_BODIES, last_body))
            received_ns = [lines.received_ns(one) for one in group]
            clock.advance((received_ns[-1] - clock.now_ns()) / 1e9)
            waiting_bytes += commit(
                storage, "logs", [lines.body(one) for one in group], received_ns
            )
            if waiting_bytes >= SEGMENT_BYTES or group[-1] + 1 == last_body:
                with flush.measured():
                    storage.flush()
                flush.input_bytes += waiting_bytes
                waiting_bytes = 0
    return flush


def _drawn(rng: np.random.Generator, letters: Any, count: int, size: int) -> Any:
    return letters[rng.integers(0, len(letters), (count, size), np.uint8)]


def _request(rng: random.Random) -> ExportLogsServiceRequest:
    request = ExportLogsServiceRequest()
    for service in shop.SERVICES:
        for instance in range(4):
            envelope = request.resource_logs.add()
            for key, value in shop.resource(service, instance):
                payloads.attribute(envelope.resource.attributes.add(), key, value)
            scoped = envelope.scope_logs.add()
            scoped.scope.name = f"shop.{service}"
            for _ in range(_share(len(request.resource_logs))):
                _fill(scoped.log_records.add(), rng)
    return request


def _share(ordinal: int) -> int:
    """How many records the instance of this number, from 1, has."""
    instances = len(shop.SERVICES) * 4
    return BODY_RECORDS * ordinal // instances - BODY_RECORDS * (ordinal - 1) // instances


def _fill(record: Any, rng: random.Random) -> None:
    number, word, text = rng.choices(_TEXTS, _WEIGHTS)[0]
    record.time_unix_nano = record.observed_time_unix_nano = _TIME
    record.severity_number, record.severity_text = number, word
    record.body.string_value = text.format(ip=_IP, **_MARKS)
    record.trace_id, record.span_id, record.flags = _TRACE, _TRACE[:8], 1
    for key, value in {
        "code.function.name": "handle",
        "thread.name": f"worker-{rng.randrange(8)}",
        "shop.region": rng.choice(("eu", "us", "asia")),
    }.items():
        payloads.attribute(record.attributes.add(), key, value)


def _records(body: bytes) -> Iterator[Any]:
    for envelope in ExportLogsServiceRequest.FromString(body).resource_logs:
        for scoped in envelope.scope_logs:
            yield from scoped.log_records


def main() -> None:
    lines = LogLines()
    records = list(_records(lines.body(0)))
    texts = sum(len(record.body.string_value) for record in records)
    start_s = time.perf_counter()
    size = sum(len(lines.body(number)) for number in range(32))
    rate = 32 * BODY_RECORDS / (time.perf_counter() - start_s)
    print(
        f"{texts / len(records):.0f} bytes of text a record, {size / 32 / len(records):.0f} in all"
    )
    print(f"{rate:,.0f} records/s")
    for record in records[:: len(records) // 12]:
        print(record.severity_text, record.body.string_value)


if __name__ == "__main__":
    main()
