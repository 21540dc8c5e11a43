"""Requests of a simulation: JSON bodies of numbered items, and a decoder for them."""

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from support.fake_decoder import PROMOTED, rows

from goldeneye.clock import DAY_NS
from goldeneye.decoded import BodyResult, Decoded, Group
from goldeneye.schemas import Encoding, Signal

__all__ = ["NUMBER", "PROMOTED", "SimulatedDecoder", "events", "group", "series_of", "span"]
# The columns that hold a row's number.
NUMBER = {
    "spans": "attributes.shop.number",
    "logs": "attributes.shop.number",
    "metric_points": "value_int",
    "alert_events": "value",
}
_SERIES = 5
_SERVICES = 3
_NAMES = 4
_KINDS = ("server", "client", "internal")
_STATUSES = ("unset", "ok", "error")


class SimulatedDecoder:
    """A body is a list of [number, time in nanoseconds]; all else follows from the number."""

    name = "simulated"

    def items(self, signal: Signal, encoding: Encoding, body: bytes) -> int:
        return len(json.loads(bytes(body)))

    def decode(
        self,
        signal: Signal,
        encoding: Encoding,
        bodies: Sequence[bytes],
        received_time_ns: Sequence[int],
    ) -> Decoded:
        numbers, times, received = [], [], []
        results = []
        for body, at in zip(bodies, received_time_ns, strict=True):
            items = json.loads(bytes(body))
            numbers += [number for number, _ in items]
            times += [time for _, time in items]
            received += [at] * len(items)
            results.append(BodyResult(accepted=len(items)))
        if signal == "traces":
            batches = {"spans": _spans(numbers, times, received)}
        elif signal == "logs":
            batches = {"logs": _logs(numbers, times, received)}
        else:
            batches = _metrics(numbers, times, received)
        return Decoded(batches, results)


def _spans(numbers: list[int], times: list[int], received: list[int]) -> pa.RecordBatch:
    spans = [span(number, time) for number, time in zip(numbers, times, strict=True)]
    columns: dict[str, list[Any]] = {name: [one[name] for one in spans] for name in spans[0]}
    columns["received_time"] = received
    return rows("spans", columns)


def span(number: int, time_ns: int) -> dict[str, Any]:
    """A span's columns, but for the time of its receipt."""
    duration_ns = 1 + number * number * 7_919 % 10**9
    return {
        "trace_id": f"{number // 3:032x}",
        "span_id": f"{number:016x}",
        "parent_span_id": None if number % 3 == 0 else f"{number - 1:016x}",
        "service_name": f"service-{number % _SERVICES}",
        "name": f"GET /{number % _NAMES}",
        "kind": _KINDS[number // 2 % len(_KINDS)],
        "status_code": _STATUSES[number // 3 % len(_STATUSES)],
        "start_time": time_ns,
        "end_time": time_ns + duration_ns,
        "duration_ns": duration_ns,
        "attributes.shop.number": number,
    }


def _logs(numbers: list[int], times: list[int], received: list[int]) -> pa.RecordBatch:
    columns: dict[str, list[Any]] = {
        "time": times,
        "service_name": [f"service-{number % _SERVICES}" for number in numbers],
        "attributes.shop.number": numbers,
        "received_time": received,
    }
    return rows("logs", columns)


def _metrics(
    numbers: list[int], times: list[int], received: list[int]
) -> dict[str, pa.RecordBatch]:
    series = sorted(
        {(series_of(n), time // DAY_NS) for n, time in zip(numbers, times, strict=True)}
    )
    ids = [series_id for series_id, _ in series]
    about: dict[str, list[Any]] = {
        "series_id": ids,
        "series_check": [series_id + 1 for series_id in ids],
        "day": [day for _, day in series],
        "name": [f"metric-{series_id}" for series_id in ids],
        "type": ["gauge"] * len(ids),
    }
    points: dict[str, list[Any]] = {
        "series_id": [series_of(number) for number in numbers],
        "name": [f"metric-{series_of(number)}" for number in numbers],
        "time": times,
        "value_int": numbers,
        "received_time": received,
    }
    return {
        "metric_series": rows("metric_series", about),
        "metric_points": rows("metric_points", points),
    }


def series_of(number: int) -> int:
    """The id of a point's series."""
    return number % _SERIES


def events(items: Sequence[tuple[int, int]]) -> pa.RecordBatch:
    """Rows of our own: numbers and their times in nanoseconds."""
    numbers, times = zip(*items, strict=True)
    return pa.record_batch(
        {
            "time": pa.array(times, pa.timestamp("ns")),
            "rule": pa.array([f"rule-{number % _NAMES}" for number in numbers]),
            "value": pa.array(numbers, pa.float64()),
        }
    )


def group(tenant: str, signal: Signal, bodies: Sequence[bytes], received_ns: int) -> Group:
    """The bodies as the receiver would hand them over."""
    times = [received_ns] * len(bodies)
    decoded = SimulatedDecoder().decode(signal, "json", bodies, times)
    return Group(tenant, signal, "json", list(bodies), times, decoded)
