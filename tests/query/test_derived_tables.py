"""span_rollups and traces say what their spans say: hot, in files, merged, after any stop."""

from collections.abc import Iterator, Mapping
from math import isclose
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.attributed import HereAndNow
from support.derived_model import (
    DECODER,
    MINUTE_NS,
    PROMOTED,
    Counted,
    Key,
    Received,
    Span,
    adjusted,
    bucket,
    group,
    span_rollups,
    traces,
)
from support.fake_decoder import START_NS
from support.sql import answer, rows, value
from support.storage_folder import abandon
from support.storage_folder import settings as storage_settings

from goldeneye.clock import DAY_NS, HOUR_NS, ManualClock
from goldeneye.limits import MIB
from goldeneye.schemas import STORED_TABLES
from goldeneye.snapshot import Snapshot
from query.service import QueryService
from query.settings import QuerySettings
from storage.engine import Storage
from storage.retention import Retention
from storage.verify import rebuild_catalog

LAST_NS: Final = 2**63 - 1
ROLLUPS: Final = """
SELECT epoch_ns(minute), service_name, name, kind, status_code, is_root, bucket,
    CAST(sum(count) AS BIGINT), CAST(sum(duration_sum_ns) AS BIGINT), sum(adjusted_count)
FROM span_rollups GROUP BY ALL
"""
TRACES: Final = """
SELECT trace_id, epoch_ns(start_time), epoch_ns(end_time), duration_ns, root_service_name,
    root_name, span_count, error_count, services
FROM traces
"""


class Folder:
    """A storage that can be left and opened again under one query service.

    Each test has a tenant of its own.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.clock = ManualClock(START_NS)
        self.storage = self._opened()
        self.tenants = 0
        self.sent: list[Received] = []
        given = QuerySettings(data_dir, 256 * MIB, 1, 20.0, 10_000, 1)
        self.service = QueryService(given, PROMOTED, self, self.clock)

    def _opened(self, **changes: Any) -> Storage:
        given = storage_settings(self.data_dir, promoted=PROMOTED, **changes)
        return Storage.open(given, DECODER, self.clock, worker=HereAndNow(), threads=False)

    @property
    def tenant(self) -> str:
        return f"tenant-{self.tenants}"

    def begin(self) -> None:
        self.tenants += 1
        self.sent = []

    def snapshot(self, tenant: str) -> Snapshot:
        return self.storage.snapshot(tenant)

    def send(self, spans: list[Span]) -> None:
        now_ns = self.clock.now_ns()
        self.storage.commit([group(spans, now_ns, self.tenant)])
        self.sent += [Received(span, now_ns) for span in spans]

    def flush(self) -> None:
        assert self.storage.flush()

    def merge(self) -> None:
        self.flush()
        self.clock.advance(2 * DAY_NS / 1e9)
        self.storage.tick()

    def restart(self, **changes: Any) -> None:
        self.storage.close(10)
        self.storage = self._opened(**changes)

    def kill(self) -> None:
        abandon(self.storage)
        self.storage = self._opened()

    def lose_catalog(self) -> None:
        abandon(self.storage)
        for path in self.data_dir.glob("catalog.sqlite*"):
            path.unlink()
        if any((self.data_dir / "files").iterdir()):
            assert rebuild_catalog(self.data_dir).ok
        self.storage = self._opened()

    def rows(self, sql: str, **more: Any) -> list[list[Any]]:
        return rows(self.service, sql, tenant=self.tenant, **more)

    def files(self, table: str) -> int:
        with self.storage.snapshot(self.tenant) as snapshot:
            return sum(file.table == table for file in snapshot.files)

    def check(self) -> None:
        assert self.rows("SELECT count(*) FROM spans") == [[len(self.sent)]]
        assert_equal({tuple(row[:7]): Counted(*row[7:]) for row in self.rows(ROLLUPS)}, self.sent)
        assert {row[0]: row[1:] for row in self.rows(TRACES)} == traces(self.sent)


def assert_equal(found: Mapping[Key, Counted], sent: list[Received]) -> None:
    expected = span_rollups(sent)
    assert {key: row[:2] for key, row in found.items()} == {
        key: row[:2] for key, row in expected.items()
    }
    for key, row in found.items():
        assert isclose(row.adjusted_count, expected[key].adjusted_count)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folder]:
    folder = Folder(tmp_path_factory.mktemp("data"))
    yield folder
    folder.service.close()
    folder.storage.close(10)


@pytest.fixture
def folder(shared: Folder) -> Folder:
    shared.begin()
    return shared


DURATIONS: Final = st.one_of(
    st.sampled_from([0, 1, 2, 3, 1_000, 10**9, HOUR_NS]),
    st.integers(0, 45).map(lambda power: 1 << power),
    st.integers(2, 1 << 45),
)
STATES: Final = st.sampled_from(
    [
        *("", "ot=th:8", "ot=th:0", "a=b, ot=rv:1;th:c0 ", "ot=th:ffffffffffffff,a=b"),
        *("ot=th:", "ot=th:xyz", "ot=th:123456789012345", "not=th:8", "a=ot=th:8", "ot=p:8;r:2"),
    ]
)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    minutes = draw(st.sampled_from([-3000, -1, 0, 0, 1, 61]))
    start_ns = START_NS + minutes * MINUTE_NS + draw(st.sampled_from([0, 1, MINUTE_NS - 1]))
    end_ns = start_ns + draw(DURATIONS)
    return Span(
        trace=draw(st.integers(1, 4)),
        id=draw(st.integers(1, 9)),
        parent=draw(st.none() | st.integers(1, 9)),
        trace_state=draw(STATES),
        service=draw(st.sampled_from([None, "", "cart", "shop", "Zürich"])),
        name=draw(st.sampled_from(["", "GET /", "pay"])),
        kind=draw(st.integers(0, 6)),
        status=draw(st.integers(0, 3)),
        start_ns=draw(st.sampled_from([start_ns, start_ns, start_ns, 0])),
        end_ns=draw(st.sampled_from([end_ns, end_ns, end_ns, 0, start_ns - 7])),
    )


STEPS: Final = st.lists(
    st.lists(spans(), min_size=1, max_size=6)
    | st.sampled_from(["flush", "flush", "merge", "restart", "kill", "lose_catalog"]),
    min_size=1,
    max_size=9,
)


@given(steps=STEPS)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_derived_tables_equal_an_aggregation_of_the_spans_at_any_moment(
    shared: Folder, steps: list[list[Span] | str]
) -> None:
    shared.begin()
    for step in steps:
        if isinstance(step, str):
            getattr(shared, step)()
        else:
            shared.send(step)
        shared.check()


def test_merged_files_have_one_row_a_key(folder: Folder) -> None:
    for number in range(5):
        folder.send(
            [Span(1, 1 + number, 9, start_ns=START_NS + number, end_ns=START_NS + number + 5)]
        )
        folder.flush()
    assert folder.files("span_rollups") == folder.files("trace_parts") == 5
    folder.merge()
    assert folder.files("span_rollups") == folder.files("trace_parts") == 1
    assert folder.rows("SELECT count(*), max(count) FROM span_rollups") == [[1, 5]]
    assert folder.rows("SELECT count(*), max(span_count) FROM trace_parts") == [[1, 5]]
    folder.check()


def test_only_rows_that_are_in_no_file_are_reckoned(folder: Folder) -> None:
    """The files of the spans are not opened: they could as well be gone."""
    folder.send([Span(1, 1, start_ns=START_NS, end_ns=START_NS + 5)])
    folder.flush()
    folder.send([Span(1, 2, 1, start_ns=START_NS, end_ns=START_NS + 9)])
    for table in ("span_rollups", "traces"):
        found = answer(folder.service, f"FROM {table}", tenant=folder.tenant)
        assert (found["files_read"], found["missing_files"]) == (1, [])
    assert folder.rows("SELECT s.span_id, t.span_count FROM spans s JOIN traces t USING (trace_id)")
    folder.check()


def test_a_minute_opens_the_files_of_its_day(folder: Folder) -> None:
    for day in range(3):
        folder.send([Span(1, 1, start_ns=START_NS + day * DAY_NS)])
        folder.flush()
    sql = "SELECT sum(count) FROM span_rollups WHERE minute >= '2026-01-03'"
    found = answer(folder.service, sql, tenant=folder.tenant)
    assert (found["rows"], found["files_read"]) == ([[1]], 1)


def test_a_condition_on_the_start_of_a_trace_loses_none_of_its_parts(folder: Folder) -> None:
    folder.send([Span(1, 1, start_ns=START_NS, end_ns=START_NS + 5)])
    folder.flush()
    folder.send([Span(1, 2, 1, start_ns=START_NS + DAY_NS, end_ns=START_NS + DAY_NS + 5)])
    folder.flush()
    sql = "SELECT span_count FROM traces WHERE start_time {} '2026-01-02'"
    assert folder.rows(sql.format("<")) == [[2]]
    assert folder.rows(sql.format(">=")) == []
    # What the request itself bounds are the parts.
    assert folder.rows(sql.format(">="), start_ns=START_NS + DAY_NS) == [[1]]


def test_the_last_time_that_there_is(folder: Folder) -> None:
    """DuckDB takes it for infinity."""
    folder.send([Span(1, 1, start_ns=LAST_NS - 9, end_ns=LAST_NS), Span(2, 2, start_ns=LAST_NS)])
    for _ in range(2):
        minute_ns = LAST_NS // MINUTE_NS * MINUTE_NS
        assert folder.rows("SELECT epoch_ns(minute), sum(count) FROM span_rollups GROUP BY 1") == [
            [minute_ns, 2]
        ]
        assert folder.rows("SELECT duration_ns, span_count FROM traces ORDER BY trace_id") == [
            [9, 1],
            [None, 1],
        ]
        folder.flush()


def test_sums_beyond_what_a_number_holds_stay_at_the_greatest(folder: Folder) -> None:
    for number in range(2):
        folder.send([Span(1, 1 + number, start_ns=1, end_ns=LAST_NS)] * 2)
        folder.flush()
    folder.merge()
    assert folder.rows("SELECT count, duration_sum_ns FROM span_rollups") == [[4, LAST_NS]]


@pytest.mark.parametrize("power", [1, 2, 10, 31, 32, 33, 52, 62])
def test_powers_of_two_are_the_upper_bounds_of_their_buckets(folder: Folder, power: int) -> None:
    durations = [1 << power] if power > 40 else [(1 << power) - 1, 1 << power, (1 << power) + 1]
    folder.send([Span(1, 1, start_ns=1, end_ns=1 + length) for length in durations])
    found = [row[0] for row in folder.rows("SELECT DISTINCT bucket FROM span_rollups ORDER BY 1")]
    # Without logarithms: the least index of which duration ** 32 <= 2 ** (index + 1).
    assert found == sorted({(length**32 - 1).bit_length() - 1 for length in durations})
    assert 32 * power - 1 in found


def test_the_oracle_itself() -> None:
    assert [bucket(n) for n in (None, 0, 1, 2, 3, 4)] == [None, -1, -1, 31, 50, 63]
    assert [adjusted(s) for s in ("", "ot=th:8", "ot=th:c", "ot=th:0", "x=th:8")] == [1, 2, 4, 1, 1]


def test_rollups_outlive_their_spans(folder: Folder) -> None:
    folder.send([Span(1, 1, start_ns=START_NS), Span(1, 2, 1, start_ns=START_NS)])
    folder.merge()
    ages = dict.fromkeys(("spans", "trace_parts"), 30 * DAY_NS) | {"span_rollups": 400 * DAY_NS}
    folder.restart(retention=Retention({**dict.fromkeys(STORED_TABLES, 1 << 62), **ages}, None))
    for days, left in ((31, [0, 0, 2]), (370, [0, 0, None])):
        folder.clock.advance(days * DAY_NS / 1e9)
        folder.storage.tick()
        tables = "(SELECT count(*) FROM spans), (SELECT count(*) FROM traces)"
        assert folder.rows(f"SELECT {tables}, sum(count) FROM span_rollups") == [left]
    folder.restart()


def test_other_programs_find_them_in_the_lake(folder: Folder) -> None:
    folder.send([Span(1, number, start_ns=START_NS + number) for number in range(1, 4)])
    folder.flush()
    lake = folder.data_dir / "lake"
    for table, column in (("span_rollups", "count"), ("trace_parts", "span_count")):
        path = f"{lake}/{table}/tenant={folder.tenant}/**/*.parquet"
        found = duckdb.sql(f"SELECT sum({column}) FROM read_parquet('{path}')").fetchall()
        assert found == [(3,)]


def test_offline_sql_counts_what_only_the_log_holds(folder: Folder) -> None:
    folder.send([Span(1, 1, start_ns=START_NS)])
    abandon(folder.storage)
    given = storage_settings(folder.data_dir, promoted=PROMOTED)
    folder.storage = Storage.open(given, DECODER, folder.clock, read_only=True)
    folder.check()
    folder.storage.close(10)
    folder.storage = folder._opened()
    folder.check()
    assert value(folder.service, "SELECT count(*) FROM traces", tenant=folder.tenant) == 1
