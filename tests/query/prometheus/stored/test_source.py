"""Selectors over what is stored, compared with the same samples held in memory."""

import random
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import DataPointFlags
from support.backend import Backend, backend
from support.fake_decoder import START_NS
from support.metric_requests import gauge, metric_request, point

from query.asking.reader import Reader
from query.prometheus.stored.series import ids_by_sql
from query.prometheus.stored.series_ids import SeriesIds
from query.prometheus.stored.series_memory import SeriesMemory
from query.prometheus.stored.source import StoredSource
from query.prometheus.stored.span import Bounds
from query.promql.labels import from_mapping
from query.promql.memory import MemorySource
from query.promql.samples import STALE, SeriesSet
from query.promql.tree import Matcher, MatchKind
from query.reads import Reads

START_MS: Final = START_NS // 10**6
STALE_FLAG: Final = DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK
NAMES: Final = ("alpha", "beta", "gamma")
EQUAL, REGEX = MatchKind.EQUAL, MatchKind.REGEX
SELECTORS: Final = {
    "one name": [Matcher("__name__", EQUAL, "alpha")],
    "a label": [Matcher("__name__", EQUAL, "beta"), Matcher("host", EQUAL, "h1")],
    "all but": [Matcher("__name__", EQUAL, "beta"), Matcher("host", MatchKind.NOT_EQUAL, "h1")],
    "names": [Matcher("__name__", REGEX, "alpha|gamma"), Matcher("host", REGEX, "h[02]")],
    "no name": [Matcher("job", EQUAL, "cart")],
    "a label that is missing": [Matcher("zone", EQUAL, ""), Matcher("job", REGEX, ".+")],
    "nothing": [Matcher("__name__", EQUAL, "delta")],
}


class OwnReader:
    """Reads through the service, of which each statement is a question of its own."""

    def __init__(self, whole: Backend) -> None:
        self._reader = Reader(whole.service)
        self.promql = whole.service.promql
        self.now_ns = whole.clock.now_ns()
        self.series = SeriesMemory(10**6)
        self.missing_files = 0
        self.part_samples = self.max_cells = 10**7

    def read(self, reads: Reads) -> Sequence[pa.Table]:
        return self._reader.read(reads)

    def points(self, *_: object) -> None:
        return None

    def expect(self, parts: object) -> None:
        """Nothing is read ahead."""

    def most_points(self, *_: object) -> None:
        return None

    def series_ids(self, days: Bounds) -> SeriesIds:
        return ids_by_sql(self, days)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Backend, MemorySource]]:
    """Points in any order, some sent again with another value, which counts; most in files."""
    chance, memory = random.Random(7), MemorySource()
    with backend(tmp_path_factory.mktemp("data")) as made:
        for number in range(40):
            for name in NAMES:
                service = chance.choice(("shop", "cart"))
                made.send(
                    metric_request(gauge(name, _points(chance, memory, name, service), ""), service)
                )
            made.clock.advance(0.001)
            if number in (10, 25):
                made.flush()
        yield made, memory


def _points(chance: random.Random, memory: MemorySource, name: str, service: str) -> list[Any]:
    points = []
    for second in chance.sample(range(600), 12):
        host = f"h{chance.randrange(4)}"
        zone = {"zone": "z"} if host == "h3" else {}
        value = float(chance.randrange(1000))
        one = point(START_NS - second * 10**9, value, host=host, **zone)
        if chance.random() < 0.1:
            one.ClearField("value")
            one.flags, value = STALE_FLAG, STALE
        points.append(one)
        labels = {"__name__": name, "host": host, "job": service, "service_name": service, **zone}
        memory.add(from_mapping(labels), [(START_MS - second * 1000, value)])
    return points


@pytest.mark.parametrize("selector", list(SELECTORS))
@pytest.mark.parametrize("reach", [(600, 0), (300, 60), (1, 0), (5000, 1000)], ids=str)
def test_the_same_samples(
    both: tuple[Backend, MemorySource], selector: str, reach: tuple[int, int]
) -> None:
    whole, memory = both
    start_ms, end_ms = (START_MS - seconds * 1000 for seconds in reach)
    stored = StoredSource(OwnReader(whole), 300_000)
    found = _samples(stored.select(SELECTORS[selector], start_ms, end_ms))
    expected = _samples(memory.select(SELECTORS[selector], start_ms, end_ms))
    assert {labels: own for labels, own in found.items() if dict(labels)["__name__"] in NAMES} == {
        labels: own for labels, own in expected.items() if own
    }


@pytest.mark.parametrize("selector", list(SELECTORS))
def test_parts_are_the_whole(both: tuple[Backend, MemorySource], selector: str) -> None:
    """A few samples at a time: each series is in one part, with all its samples."""
    whole, _ = both
    reader = OwnReader(whole)
    expected = _samples(
        StoredSource(reader, 300_000).select(SELECTORS[selector], START_MS - 600_000, START_MS)
    )
    reader.part_samples = 40
    found: dict[Any, list[tuple[int, int]]] = {}
    parts = StoredSource(reader, 300_000).parts(SELECTORS[selector], START_MS - 600_000, START_MS)
    count = 0
    for part in parts:
        count += 1
        own = _samples(part)
        assert not own.keys() & found.keys()
        found |= own
    assert found == expected
    assert (count > 1) == (selector in ("one name", "a label", "all but", "names"))


def _samples(series: SeriesSet) -> dict[Any, list[tuple[int, int]]]:
    """Times and the bits of values by labels."""
    floats = series.floats
    bits = floats.values.view(np.int64)
    return {
        labels: list(zip(floats.times[low:high].tolist(), bits[low:high].tolist(), strict=True))
        for labels, low, high in zip(
            series.labels, floats.offsets[:-1].tolist(), floats.offsets[1:].tolist(), strict=True
        )
    }
