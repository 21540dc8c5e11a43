"""A decoder of metric points that a test makes up: a body is a JSON list of their columns."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from support.fake_decoder import rows

from goldeneye.clock import DAY_NS
from goldeneye.decoded import BodyResult, Decoded, Group
from goldeneye.schemas import DEFAULT_TENANT, Signal

Point = Mapping[str, Any]  # columns of metric_points, and `type` and `temporality` of its series


class PointDecoder:
    name = "points"

    def items(self, signal: Signal, encoding: str, body: bytes) -> int:
        return len(json.loads(bytes(body)))

    def decode(
        self,
        signal: Signal,
        encoding: str,
        bodies: Sequence[bytes],
        received_time_ns: Sequence[int],
    ) -> Decoded:
        points = [
            {"received_time": received_ns, **point}
            for body, received_ns in zip(bodies, received_time_ns, strict=True)
            for point in json.loads(bytes(body))
        ]
        results = [BodyResult(accepted=len(json.loads(bytes(body)))) for body in bodies]
        batches = {"metric_points": _points(points), "metric_series": _series(points)}
        return Decoded(batches if points else {}, results)


def _points(points: Sequence[Point]) -> pa.RecordBatch:
    names = sorted({name for point in points for name in point} - {"type", "temporality"})
    return rows("metric_points", {name: [p.get(name) for p in points] for name in names})


def _series(points: Sequence[Point]) -> pa.RecordBatch:
    known = {(point["series_id"], time_ns(point) // DAY_NS): point for point in points}
    return rows(
        "metric_series",
        {
            "series_id": [series_id for series_id, _ in known],
            "series_check": [series_id + 1 for series_id, _ in known],
            "day": [day for _, day in known],
            "name": [point["name"] for point in known.values()],
            "type": [point["type"] for point in known.values()],
            "temporality": [point.get("temporality") for point in known.values()],
        },
    )


def time_ns(point: Point) -> int:
    time = point.get("time")
    return int(point["received_time"] if time is None else time)


def group(points: Sequence[Point], received_ns: int, tenant: str = DEFAULT_TENANT) -> Group:
    """The points as the receiver would hand them over."""
    body = json.dumps(list(points)).encode()
    decoded = PointDecoder().decode("metrics", "json", [body], [received_ns])
    return Group(tenant, "metrics", "json", [body], [received_ns], decoded)
