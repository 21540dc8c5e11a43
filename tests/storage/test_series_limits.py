"""Active series are bounded: what would be one more is rejected, what is active goes on."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from support.fake_decoder import START_NS
from support.metric_requests import gauge, metric_request, point
from support.storage_folder import settings

from goldeneye.clock import ManualClock
from goldeneye.decoded import BodyResult
from goldeneye.schemas import DEFAULT_TENANT, well_known_keys
from goldeneye.telemetry import ACTIVE_SERIES
from otlp_receiver.decoding.choose import decoder
from otlp_receiver.pipeline import Pipeline
from otlp_receiver.reasons import message
from storage.engine import Storage
from storage.series_limits import SeriesBounds


class Receiving:
    """The receiver's pipeline before a storage."""

    def __init__(self, data_dir: Path, bounds: SeriesBounds) -> None:
        self.clock = ManualClock(START_NS)
        self._decoder = decoder(well_known_keys())
        given = settings(data_dir, promoted=well_known_keys(), series=bounds)
        self.storage = Storage.open(given, self._decoder, self.clock, threads=False)
        self._pipeline = Pipeline(self._decoder, self.storage, self.clock)
        self._pipeline.start()

    def send(self, *requests: ExportMetricsServiceRequest) -> list[BodyResult]:
        """What became of each; they are decoded together."""

        async def sent() -> list[BodyResult]:
            bodies = [request.SerializeToString() for request in requests]
            given = (
                self._pipeline.submit(DEFAULT_TENANT, "metrics", "protobuf", b) for b in bodies
            )
            return await asyncio.gather(*given)

        return asyncio.run(sent())

    def points(self) -> list[tuple[str, float]]:
        """What is stored: name and value."""
        with self.storage.snapshot(DEFAULT_TENANT) as snapshot:
            chunks = [chunk.rows for chunk in snapshot.hot if chunk.table == "metric_points"]
        rows = [row for rows in chunks for row in rows.to_pylist()]
        return sorted((row["name"], row["value"]) for row in rows)

    def close(self) -> None:
        assert self._pipeline.stop(10)
        self.storage.close(10)


@contextmanager
def receiving(data_dir: Path, **bounds: int) -> Iterator[Receiving]:
    made = Receiving(data_dir, SeriesBounds(**bounds))
    try:
        yield made
    finally:
        made.close()


def _request(name: str, numbers: Sequence[int], **more: Any) -> ExportMetricsServiceRequest:
    """A point of each of these series, whose value is its number."""
    points = [point(START_NS, float(number), number=number) for number in numbers]
    return metric_request(gauge(name, points, ""), **more)


def test_a_metric_has_no_more_series_than_it_may(tmp_path: Path) -> None:
    with receiving(tmp_path, of_metric=3) as server:
        (first,) = server.send(_request("a", range(5)))
        assert (first.accepted, first.rejected) == (3, {"max_series_per_metric": 2})
        assert message("metrics", first) == (
            "2 data points rejected: the metric has as many active series as "
            "limits.max_series_per_metric allows; the first is a series of 'a'"
        )
        (other,) = server.send(_request("b", range(2)))
        assert (other.accepted, other.rejected) == (2, {})
        assert server.points() == [("a", 0), ("a", 1), ("a", 2), ("b", 0), ("b", 1)]


def test_what_is_active_goes_on(tmp_path: Path) -> None:
    with receiving(tmp_path, of_tenant=2) as server:
        server.send(_request("a", range(2)))
        (again,) = server.send(_request("a", [7, 1, 0]))
        assert (again.accepted, again.rejected) == (2, {"max_series": 1})
        assert server.points() == [("a", 0), ("a", 0), ("a", 1), ("a", 1)]
        assert ACTIVE_SERIES.labels(DEFAULT_TENANT)._value.get() == 2


def test_each_request_is_told_of_its_own_points(tmp_path: Path) -> None:
    """Also where they are decoded together; one of which nothing is left is not kept."""
    with receiving(tmp_path, of_metric=4, of_tenant=5) as server:
        requests = [_request("a", range(n, n + 3)) for n in (0, 2, 9)]
        results = server.send(*requests, _request("b", [1, 2]))
        assert [result.accepted for result in results] == [3, 2, 0, 1]
        assert [dict(result.rejected) for result in results] == [
            {},
            {"max_series_per_metric": 1},
            {"max_series_per_metric": 3},
            {"max_series": 1},
        ]
        assert server.points() == [("a", 0), ("a", 1), ("a", 2), ("a", 2), ("a", 3), ("b", 1)]


def test_who_is_silent_for_two_hours_gives_way(tmp_path: Path) -> None:
    with receiving(tmp_path, of_metric=2) as server:
        server.send(_request("a", [1, 2]))
        server.clock.advance(3600)
        (second,) = server.send(_request("a", [1, 3]))
        assert (second.accepted, second.rejected) == (1, {"max_series_per_metric": 1})
        server.clock.advance(3600)
        (third,) = server.send(_request("a", [1, 3, 2]))
        assert (third.accepted, third.rejected) == (2, {"max_series_per_metric": 1})
        server.clock.advance(3 * 3600)
        (last,) = server.send(_request("a", [8, 9]))
        assert last.accepted == 2


def test_series_of_before_a_restart_are_active(tmp_path: Path) -> None:
    with receiving(tmp_path, of_tenant=2) as server:
        server.send(_request("a", [1, 2]))
    with receiving(tmp_path, of_tenant=2) as server:
        (after,) = server.send(_request("a", [5, 2, 1]))
        assert (after.accepted, after.rejected) == (2, {"max_series": 1})


@pytest.mark.parametrize("bounds", [{}, {"of_tenant": 3, "of_metric": 3}], ids=["none", "wide"])
def test_nothing_is_rejected_within_the_bounds(tmp_path: Path, bounds: dict[str, int]) -> None:
    with receiving(tmp_path, **bounds) as server:
        (result,) = server.send(_request("a", range(3)))
        assert (result.accepted, result.rejected) == (3, {})
