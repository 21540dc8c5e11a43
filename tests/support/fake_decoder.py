"""A decoder for tests of the storage: a body is a JSON list of numbers, one span or point each."""

import json
from collections.abc import Sequence

import pyarrow as pa

from goldeneye.decoded import BodyResult, Decoded, Group
from goldeneye.schemas import DEFAULT_TENANT, PromotedKeys, Signal, hot

START_NS = 1_767_225_600_000_000_000
PROMOTED = PromotedKeys({"http.route": "string", "shop.number": "int"}, {"service.name": "string"})


def rows(table: str, columns: dict[str, list[object]]) -> pa.RecordBatch:
    """A batch of the table's hot schema; columns that are not given are null."""
    schema = hot(table, PROMOTED)
    count = len(next(iter(columns.values())))
    return pa.record_batch(
        [pa.array(columns.get(f.name, [None] * count), f.type) for f in schema], schema=schema
    )


class FakeDecoder:
    name = "fake"

    def items(self, signal: Signal, encoding: str, body: bytes) -> int:
        return len(json.loads(bytes(body)))

    def decode(
        self,
        signal: Signal,
        encoding: str,
        bodies: Sequence[bytes],
        received_time_ns: Sequence[int],
    ) -> Decoded:
        numbers = [number for body in bodies for number in json.loads(bytes(body))]
        results = [BodyResult(accepted=len(json.loads(bytes(body)))) for body in bodies]
        if not numbers:
            return Decoded({}, results)
        received = [received_time_ns[0]] * len(numbers)
        return Decoded(_batches(signal, numbers, received), results)


def _batches(signal: Signal, numbers: list[int], received: list[int]) -> dict[str, pa.RecordBatch]:
    if signal == "metrics":
        series = sorted({number % 7 for number in numbers})
        return {
            "metric_series": rows(
                "metric_series",
                {
                    "series_id": series,
                    "series_check": series,
                    "day": [START_NS // 86_400_000_000_000] * len(series),
                    "name": [f"metric-{number}" for number in series],
                },
            ),
            "metric_points": rows(
                "metric_points",
                {
                    "series_id": [number % 7 for number in numbers],
                    "time": [START_NS + number for number in numbers],
                    "value_int": numbers,
                    "received_time": received,
                },
            ),
        }
    table = "spans" if signal == "traces" else "logs"
    times = {"start_time" if table == "spans" else "time": [START_NS + n for n in numbers]}
    return {
        table: rows(
            table,
            {
                **times,
                "attributes.shop.number": numbers,
                "service_name": ["shop"] * len(numbers),
                "received_time": received,
            },
        )
    }


def group(*bodies: list[int], signal: Signal = "traces", tenant: str = DEFAULT_TENANT) -> Group:
    """The bodies as the receiver would hand them over."""
    raw = [json.dumps(body).encode() for body in bodies]
    times = [START_NS] * len(raw)
    return Group(
        tenant, signal, "json", raw, times, FakeDecoder().decode(signal, "json", raw, times)
    )
