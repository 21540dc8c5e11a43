"""Windows of whole hours say the same whether rollups stand for points or not."""

import itertools
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.metrics.v1.metrics_pb2 import DataPointFlags
from support.backend import Backend, backend
from support.merging import HereAndNow
from support.metric_requests import gauge, metric_request, point

from goldeneye.clock import HOUR_NS
from goldeneye.schemas import DEFAULT_TENANT
from query.asking.reader import Reader
from query.job import given as job
from query.prometheus.answers import document
from query.prometheus.as_json import as_json
from query.prometheus.stored.series import ids_by_sql
from query.prometheus.stored.series_ids import SeriesIds
from query.prometheus.stored.series_memory import SeriesMemory
from query.prometheus.stored.source import StoredSource
from query.prometheus.stored.span import Bounds
from query.promql.engine import Engine
from query.promql.labels import from_mapping
from query.promql.memory import MemorySource
from query.promql.samples import STALE
from query.promql.standing import STANDING
from query.promql.tree import Matcher, MatchKind
from query.reads import Reads
from query.worker.hours import hours_rolled_up
from query.worker.session import rows_of
from storage.file_system import RealFileSystem

HOURS: Final = 6
SETTLED_S: Final = 1_800
MS_NS: Final = 10**6
HOUR_MS: Final = HOUR_NS // MS_NS
STALE_FLAG: Final = DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK
# Each example has a metric of its own, and times later than those before.
NAMES: Final = (f"gauge{number}" for number in itertools.count())
VALUES: Final = st.one_of(
    st.integers(0, 3).map(float),
    st.floats(-1e9, 1e9).map(lambda value: value + 0.0),
    st.sampled_from([float("nan"), None]),
)
# On the borders of hours and beside them, twice in a millisecond, and anywhere.
MOMENTS: Final = st.one_of(
    st.tuples(st.integers(0, HOURS - 1), st.sampled_from([0, 1, MS_NS - 1, MS_NS, HOUR_NS - 1])),
    st.tuples(st.integers(0, HOURS - 1), st.sampled_from([7 * MS_NS, 7 * MS_NS + 1])),
    st.tuples(st.integers(0, HOURS - 1), st.integers(0, HOUR_NS - 1)),
)
POINTS: Final = st.lists(st.tuples(MOMENTS, VALUES, st.integers(0, 2)), min_size=1, max_size=25)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    fs = RealFileSystem()
    with backend(tmp_path_factory.mktemp("data"), worker=HereAndNow(fs)) as made:
        yield made


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(POINTS, POINTS, st.integers(1, 3), st.integers(1, 3), st.sampled_from(["", " offset 1h"]))
def test_answers_are_those_of_the_points(
    whole: Backend, early: Any, late: Any, range_h: int, step_h: int, offset: str
) -> None:
    """Before rollups are there and after it, with late points, and when these are in them too."""
    name, memory = next(NAMES), MemorySource()
    start_ns = (whole.clock.now_ns() // HOUR_NS + 1) * HOUR_NS
    whole.clock.advance((HOURS + 2) * 3_600)
    window = f"{name}[{range_h}h]" + offset
    asked = [f"{function}({window})" for function in STANDING]
    asked.append(f"max by (host) (max_over_time({window}))")
    first_s = start_ns // 10**9 + 3_600
    times_s = first_s, first_s + HOURS * 3_600, step_h * 3_600

    def check() -> None:
        for query in asked:
            assert _stored(whole, query, times_s) == _in_memory(memory, query, times_s), query

    _send(whole, memory, name, start_ns, early)
    whole.flush()
    check()
    _roll_up(whole)
    check()
    _send(whole, memory, name, start_ns, late)
    check()
    whole.flush()
    check()
    _roll_up(whole)
    check()


def _stored(whole: Backend, query: str, times_s: tuple[int, int, int]) -> Any:
    start, end, step = times_s
    asked = {"query": query, "start": start, "end": end, "step": step}
    return _by_labels(whole.get("/prometheus/api/v1/query_range", asked))


def _in_memory(memory: MemorySource, query: str, times_s: tuple[int, int, int]) -> Any:
    start_ms, end_ms, step_ms = (1_000 * time_s for time_s in times_s)
    answer = Engine(memory).range(query, start_ms, end_ms, step_ms)
    return _by_labels(orjson.loads(as_json(document(answer, end_ms, None))))


def _by_labels(found: Any) -> Any:
    return {str(sorted(one["metric"].items())): one["values"] for one in found["data"]["result"]}


def _send(whole: Backend, memory: MemorySource, name: str, start_ns: int, points: Any) -> None:
    for (hour, within_ns), value, number in points:
        time_ns, host = start_ns + hour * HOUR_NS + within_ns, f"h{number}"
        one = point(time_ns, value or 0.0, host=host)
        if value is None:
            one.ClearField("value")
            one.flags = STALE_FLAG
        whole.clock.advance(0.001)
        whole.send(metric_request(gauge(name, [one], "")))
        labels = {"__name__": name, "host": host, "job": "shop", "service_name": "shop"}
        sample = time_ns // MS_NS, STALE if value is None else value
        memory.add(from_mapping(labels), [sample])


def _roll_up(whole: Backend) -> None:
    whole.clock.advance(SETTLED_S)
    whole.storage.tick()


class Counting:
    """Reads through the service; `rows` are those read of each table."""

    def __init__(self, whole: Backend) -> None:
        self._whole, self._reader = whole, Reader(whole.service)
        self.now_ns = whole.clock.now_ns()
        self.promql = whole.service.promql
        self.series = SeriesMemory(10**6)
        self.missing_files = 0
        self.part_samples = self.max_cells = 10**7
        self.rows: Counter[str] = Counter()

    def read(self, reads: Reads) -> Sequence[pa.Table]:
        found = self._reader.read(reads)
        for statement, table in zip(reads.statements, found, strict=True):
            self.rows[next(iter(statement.tables))] += table.num_rows
        return found

    def points(self, *_: object) -> None:
        return None

    def expect(self, parts: object) -> None:
        """Nothing is read ahead."""

    def most_points(self, *_: object) -> None:
        return None

    def series_ids(self, days: Bounds) -> SeriesIds:
        return ids_by_sql(self, days)

    def hours_rolled_up(self) -> Collection[int]:
        tables = dict.fromkeys(("metric_points", "metric_rollups"), (None, None, None))
        with self._whole.storage.snapshot(DEFAULT_TENANT) as snapshot:
            found = job(snapshot, tables)
            return hours_rolled_up(rows_of(found.tables, found.hot_fds))


def test_only_hours_that_are_not_whole_are_read_point_by_point(whole: Backend) -> None:
    """Of six hours one has a sample on its border, and one has come late."""
    start_ns = (whole.clock.now_ns() // HOUR_NS + 1) * HOUR_NS
    whole.clock.advance((HOURS + 2) * 3_600)
    memory = MemorySource()
    points = [((hour, minute * 60 * 10**9 + 1), 1.0, 0) for hour in range(6) for minute in (5, 50)]
    _send(whole, memory, "read", start_ns, [*points, ((2, 0), 2.0, 0)])
    whole.flush()
    _roll_up(whole)
    _send(whole, memory, "read", start_ns, [((4, 7), 3.0, 0)])
    reader = Counting(whole)
    start_ms, end_ms = start_ns // MS_NS, start_ns // MS_NS + HOURS * HOUR_MS
    source = StoredSource(reader, 300_000)
    (part,) = source.parts([Matcher("__name__", MatchKind.EQUAL, "read")], start_ms, end_ms, "max")
    assert reader.rows["metric_points"] == 3 + 3
    assert part.floats.values.tolist() == [1.0, 1.0, 2.0, 1.0, 1.0, 1.0, 3.0, 1.0, 1.0, 1.0]
    times_s = start_ns // 10**9 + 3_600, end_ms // 1_000, 3_600
    for query in ("max_over_time(read[1h])", "sum(ts_of_last_over_time(read[1h]))"):
        assert _stored(whole, query, times_s) == _in_memory(memory, query, times_s)
