"""Questions and answers through the service: parameters, bounds, errors, cancelling, stopping."""

import threading
from pathlib import Path
from typing import Any

import pytest
from support.snapshots import DAY_NS, HOUR_NS, PROMOTED, START_NS, FakeSource
from support.sql import answer, rows, value

from goldeneye.clock import ManualClock
from goldeneye.errors import (
    InvalidRequest,
    QueryFailed,
    QueryOverBudget,
    QueryRefused,
    Unavailable,
)
from goldeneye.limits import MAX_SQL_CHARS, MIB
from goldeneye.telemetry import REGISTRY
from query.pool import Cancellation
from query.service import QueryService, SqlQuery
from query.settings import QuerySettings

ENDLESS = "WITH RECURSIVE t AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM t) SELECT count(*) FROM t"


def outcomes(outcome: str) -> float:
    found = REGISTRY.get_sample_value("goldeneye_query_queries_total", {"outcome": outcome})
    return found or 0.0


def test_an_answer_says_its_columns_rows_and_cost(service: QueryService, data: FakeSource) -> None:
    document = answer(service, "SELECT 1 AS a, 'x' AS a, NULL AS b")
    assert document.pop("elapsed_ms") > 0
    assert document == {
        "columns": [
            {"name": "a", "type": "INTEGER"},
            {"name": "a", "type": "VARCHAR"},
            {"name": "b", "type": "NULL"},
        ],
        "rows": [[1, "x", None]],
        "row_count": 1,
        "truncated": False,
        "files_read": 0,
        "missing_files": [],
    }


@pytest.mark.parametrize(
    ("sql", "params", "expected"),
    [
        ("SELECT ?, ?", [1, "x"], [1, "x"]),
        ("SELECT $2, $1", [1, 2], [2, 1]),
        ("SELECT $a, $b", {"a": True, "b": None}, [True, None]),
        ("SELECT ?::HUGEINT", [2**100], [2**100]),
        ("SELECT ?", [[1, 2, 3]], [[1, 2, 3]]),
        ("SELECT ?", ["it's; DROP TABLE spans --"], ["it's; DROP TABLE spans --"]),
    ],
)
def test_parameters(
    service: QueryService, data: FakeSource, sql: str, params: Any, expected: list[Any]
) -> None:
    assert rows(service, sql, params=params) == [expected]


def test_parameters_that_are_no_json(service: QueryService, data: FakeSource) -> None:
    with pytest.raises(InvalidRequest, match="params"):
        service.run(SqlQuery("SELECT ?", params=[object()]))


@pytest.mark.parametrize("params", [None, [1, 2], {"a": 1}])
def test_parameters_that_do_not_fit(service: QueryService, data: FakeSource, params: Any) -> None:
    with pytest.raises(QueryFailed):
        service.run(SqlQuery("SELECT ?", params=params))


def test_more_rows_than_allowed_are_cut_and_said_so(
    service: QueryService, data: FakeSource
) -> None:
    document = answer(service, "SELECT range FROM range(5000) ORDER BY range DESC")
    assert (document["row_count"], document["truncated"]) == (1000, True)
    assert [row[0] for row in document["rows"]] == list(range(4999, 3999, -1))


@pytest.mark.parametrize(
    ("max_rows", "count", "truncated"),
    [(10, 10, True), (0, 0, True), (1000, 1000, False), (5000, 1000, False)],
)
def test_a_query_may_ask_for_fewer_rows(
    service: QueryService, data: FakeSource, max_rows: int, count: int, truncated: bool
) -> None:
    document = answer(service, "FROM range(1000)", max_rows=max_rows)
    assert (document["row_count"], len(document["rows"])) == (count, count)
    assert document["truncated"] is truncated


def test_now_is_the_clock_that_was_passed_in(service: QueryService, data: FakeSource) -> None:
    assert value(service, "SELECT epoch_ns(now())") == ManualClock().now_ns()


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("SELECT nonsense FROM spans", QueryFailed),
        ("SELEC 1", QueryFailed),
        ("SELECT 'x'::INT", QueryFailed),
        ("SELECT error('mine')", QueryFailed),
        ("DROP TABLE spans", QueryRefused),
        ("SELECT * FROM secrets", QueryRefused),
        ("SELECT '" + "x" * MAX_SQL_CHARS + "'", QueryRefused),
        ("SELECT '\ud800'", InvalidRequest),
    ],
)
def test_errors_leave_the_worker_as_it_was(
    service: QueryService, data: FakeSource, sql: str, error: type[Exception]
) -> None:
    value(service, "SELECT 1")
    idle = service.status()["workers"]
    with pytest.raises(error):
        service.run(SqlQuery(sql))
    assert service.status()["workers"] == idle
    assert value(service, "SELECT 1") == 1


def test_a_wrong_name_brings_up_the_right_one(service: QueryService, data: FakeSource) -> None:
    with pytest.raises(QueryFailed, match="duration_ns"):
        service.run(SqlQuery("SELECT durations_ns FROM spans"))


def test_files_and_hot_rows_are_one_table(service: QueryService, data: FakeSource) -> None:
    data.add_file("spans", [{"name": "a"}, {"name": "b"}])
    data.add_file("spans", [{"name": "c"}])
    data.add_hot("spans", [{"name": "d"}])
    data.add_hot("spans", [{"name": "e", "kind": "client"}])
    document = answer(service, "SELECT name, kind FROM spans ORDER BY name")
    assert [row[0] for row in document["rows"]] == list("abcde")
    assert document["rows"][4][1] == "client"
    assert document["files_read"] == 2


def test_only_files_that_can_matter_are_read(service: QueryService, data: FakeSource) -> None:
    for hour in range(4):
        time = START_NS + hour * HOUR_NS
        data.add_file("spans", [{"name": f"hour {hour}", "start_time": time}])
    data.add_file("logs", [{}])
    sql = "SELECT name FROM spans WHERE start_time >= TIMESTAMP '2026-01-01 02:00:00' ORDER BY 1"
    found = answer(service, sql)
    assert found["rows"] == [["hour 2"], ["hour 3"]]
    assert found["files_read"] == 2
    assert answer(service, "SELECT 1")["files_read"] == 0
    assert answer(service, "SELECT count(*) FROM spans, logs")["files_read"] == 5


@pytest.mark.parametrize(
    ("start_hour", "end_hour", "names", "files_read"),
    [
        (None, None, ["0", "1", "2"], 3),
        (1, None, ["1", "2"], 2),
        (None, 1, ["0"], 1),
        (1, 2, ["1"], 1),
        (5, 9, [], 0),
    ],
)
def test_start_and_end_bound_the_rows(
    service: QueryService,
    data: FakeSource,
    start_hour: int | None,
    end_hour: int | None,
    names: list[str],
    files_read: int,
) -> None:
    for hour in range(3):
        data.add_file("spans", [{"name": str(hour), "start_time": START_NS + hour * HOUR_NS}])
    found = answer(
        service,
        "SELECT name FROM spans ORDER BY name",
        start_ns=None if start_hour is None else START_NS + start_hour * HOUR_NS,
        end_ns=None if end_hour is None else START_NS + end_hour * HOUR_NS,
    )
    assert [row[0] for row in found["rows"]] == names
    assert found["files_read"] == files_read


def test_start_and_end_bound_the_rows_of_one_file(service: QueryService, data: FakeSource) -> None:
    data.add_file("spans", [{"start_time": START_NS + n} for n in range(10)])
    data.add_file("spans", [{"start_time": None, "received_time": START_NS + 5}])
    data.add_hot("spans", [{"start_time": START_NS + n} for n in range(10)])
    found = value(service, "SELECT count(*) FROM spans", start_ns=START_NS + 2, end_ns=START_NS + 7)
    assert found == 5 + 1 + 5


def test_a_range_of_time_keeps_the_series_of_its_points(
    service: QueryService, data: FakeSource
) -> None:
    point_ns = START_NS + 5 * HOUR_NS
    data.add_file("metric_series", [{"unit": "s"}])
    data.add_file("metric_series", [{"unit": "s", "day": START_NS // DAY_NS + 1}])
    data.add_file("metric_points", [{"time": point_ns, "value": 1.5}])
    sql = "SELECT value, unit FROM metrics"
    found = answer(service, sql, start_ns=point_ns, end_ns=point_ns + 1)
    assert (found["rows"], found["files_read"]) == ([[1.5, "s"]], 2)


def test_other_tenants_rows_are_not_there(service: QueryService, data: FakeSource) -> None:
    data.add_file("spans", [{}], tenant="other")
    data.add_file("spans", [{}, {}])
    assert value(service, "SELECT count(*) FROM spans") == 2
    assert value(service, "SELECT count(*) FROM spans", tenant="other") == 1


def test_a_missing_file_is_named(service: QueryService, data: FakeSource) -> None:
    entry = data.add_file("spans", [{}])
    data.add_file("spans", [{}, {}])
    data.add_file("logs", [{}])
    Path(entry.path).unlink()
    found = answer(service, "SELECT count(name) FROM spans")
    assert (found["rows"], found["files_read"]) == ([[2]], 1)
    assert found["missing_files"] == [entry.path]
    assert answer(service, "SELECT count(*) FROM logs")["missing_files"] == []


def test_nothing_of_a_query_is_left_for_the_next(service: QueryService, data: FakeSource) -> None:
    data.add_file("spans", [{}])
    assert value(service, "SELECT count(*) FROM spans") == 1
    data.clear()
    assert value(service, "SELECT count(*) FROM spans") == 0
    with pytest.raises(QueryRefused):
        service.run(SqlQuery("SELECT getvariable('spans_0')"))


def test_outcomes_are_counted(service: QueryService, data: FakeSource) -> None:
    before = [outcomes(word) for word in ("ok", "refused", "failed")]
    value(service, "SELECT 1")
    for sql in ("DROP TABLE spans", "SELECT nonsense"):
        with pytest.raises((QueryRefused, QueryFailed)):
            service.run(SqlQuery(sql))
    assert [outcomes(word) for word in ("ok", "refused", "failed")] == [n + 1 for n in before]


def test_status_says_what_protects_and_what_bounds(service: QueryService, data: FakeSource) -> None:
    status = service.status()
    assert status["sandbox"].startswith(("landlock ABI", "none: "))
    assert status["limits"]["memory_limit_mib"] == 256
    assert status["workers"]["configured"] == 1


class TestOwnService:
    """Those that end workers have a service of their own."""

    def test_the_deadline_ends_a_query_and_the_next_is_answered(self, tmp_path: Path) -> None:
        source = FakeSource(tmp_path)
        settings = QuerySettings(tmp_path, 256 * MIB, 2, 1.0, 10, 2)
        service = QueryService(settings, PROMOTED, source, ManualClock())
        try:
            with pytest.raises(QueryOverBudget, match=r"1 s \(query.timeout_s\)"):
                service.run(SqlQuery(ENDLESS))
            assert value(service, "SELECT 1") == 1
            assert source.snapshots_held == 0
        finally:
            service.close()

    def test_busy_workers_and_a_cancelled_query(self, tmp_path: Path) -> None:
        settings = QuerySettings(tmp_path, 256 * MIB, 2, 30.0, 10, 1)
        source = BlockingSource(tmp_path)
        service = QueryService(settings, PROMOTED, source, ManualClock())
        cancellation, failures = Cancellation(), []

        def ask() -> None:
            try:
                service.run(SqlQuery(ENDLESS.replace("FROM t)", "FROM t, logs)")), cancellation)
            except QueryFailed as error:
                failures.append(str(error))

        try:
            thread = threading.Thread(target=ask)
            thread.start()
            assert source.asked.wait(20)
            assert service.status()["workers"]["idle"] == 0
            cancellation.cancel()
            thread.join(20)
            assert failures == ["the query was cancelled"]
            assert value(service, "SELECT 1") == 1
            with pytest.raises(QueryFailed, match="cancelled"):
                service.run(SqlQuery("SELECT 1"), cancellation)
            assert value(service, "SELECT 1") == 1
        finally:
            service.close()

    def test_closing_ends_what_runs(self, tmp_path: Path) -> None:
        settings = QuerySettings(tmp_path, 256 * MIB, 2, 30.0, 10, 1)
        source = BlockingSource(tmp_path)
        service = QueryService(settings, PROMOTED, source, ManualClock())
        failures = []

        def ask() -> None:
            try:
                service.run(SqlQuery(ENDLESS.replace("FROM t)", "FROM t, logs)")))
            except Unavailable as error:
                failures.append(str(error))

        threads = [threading.Thread(target=ask) for _ in range(2)]  # one runs, one waits
        for thread in threads:
            thread.start()
        assert source.asked.wait(20)
        service.close()
        for thread in threads:
            thread.join(20)
        assert failures == ["the query layer is stopping"] * 2
        with pytest.raises(Unavailable):
            service.run(SqlQuery("SELECT 1"))

    def test_all_workers_busy(self, tmp_path: Path) -> None:
        settings = QuerySettings(tmp_path, 256 * MIB, 2, 0.5, 10, 1)
        service = QueryService(settings, PROMOTED, FakeSource(tmp_path), ManualClock())
        try:
            with (
                service._pool.worker(20),
                pytest.raises(Unavailable, match="query workers were busy"),
            ):
                service.run(SqlQuery("SELECT 1"))
        finally:
            service.close()


class BlockingSource(FakeSource):
    """Tells when a query has got as far as its snapshot."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir)
        self.asked = threading.Event()

    def snapshot(self, tenant: str) -> Any:
        self.asked.set()
        return super().snapshot(tenant)
