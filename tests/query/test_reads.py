"""Statements of our own: what they see, over files and hot rows, and how they fail."""

from typing import Any

import pytest
from support.snapshots import HOUR_NS, START_NS, FakeSource
from support.sql import value

from goldeneye.errors import DataDamaged, QueryFailed, QueryOverBudget
from goldeneye.telemetry import REGISTRY
from query.pool import Cancellation
from query.reads import Found, Reads, Statement
from query.service import QueryService


def read(service: QueryService, *statements: Statement, **more: Any) -> Found:
    return service.read(Reads(statements, **more))


def rows(found: Found, number: int = 0) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = found.tables[number].to_pylist()
    return listed


def test_several_statements_read_one_snapshot(service: QueryService, data: FakeSource) -> None:
    data.add_file("spans", [{"name": "a"}, {"name": "b"}])
    data.add_hot("spans", [{"name": "c"}])
    data.add_file("logs", [{"body": '"x"'}])
    found = read(
        service,
        Statement("SELECT name FROM spans ORDER BY name", {"spans": ["name"]}),
        Statement("SELECT body FROM logs WHERE body <> $not", {"logs": ["body"]}, {"not": "y"}),
        Statement("SELECT count(*) AS n FROM spans, logs", {"spans": ["name"], "logs": ["time"]}),
    )
    assert rows(found) == [{"name": "a"}, {"name": "b"}, {"name": "c"}]
    assert rows(found, 1) == [{"body": '"x"'}]
    assert rows(found, 2) == [{"n": 3}]
    assert (found.files_read, found.missing_files) == (2, [])


@pytest.mark.parametrize("kinds", [(), ("file",), ("hot",), ("file", "hot")])
def test_all_stored_columns_but_promoted_ones_without_values(
    service: QueryService, data: FakeSource, kinds: tuple[str, ...]
) -> None:
    row = {"attributes.http.route": "/", "start_time": None}
    if "file" in kinds:
        data.add_file("spans", [row], without=["attributes.db.system.name"])
    if "hot" in kinds:
        data.add_hot("spans", [row])
    table = read(service, Statement("FROM spans ORDER BY start_time", {"spans": None})).tables[0]
    assert table.num_rows == len(kinds)
    assert {"start_time", "links", "attributes_other"} <= set(table.column_names)
    assert ("attributes.http.route" in table.column_names) == bool(kinds)
    if kinds == ("hot",):
        assert "attributes.db.system.name" not in table.column_names


def test_attributes_are_made_where_they_are_named(service: QueryService, data: FakeSource) -> None:
    data.add_hot("spans", [{"attributes.http.route": "/", "attributes_other": '{"a":1}'}])
    found = read(service, Statement("SELECT attributes FROM spans", {"spans": ["attributes"]}))
    assert rows(found) == [{"attributes": '{"http.route":"/","a":1}'}]


def test_a_column_that_no_file_has_is_null(service: QueryService, data: FakeSource) -> None:
    data.add_file("spans", [{}], without=["kind"])
    found = read(service, Statement("SELECT kind FROM spans", {"spans": ["kind"]}))
    assert rows(found) == [{"kind": None}]


def test_time_bounds_rows_and_files(service: QueryService, data: FakeSource) -> None:
    data.add_file("spans", [{"start_time": START_NS, "name": "a"}])
    data.add_file("spans", [{"start_time": START_NS + HOUR_NS, "name": "b"}])
    data.add_hot("spans", [{"start_time": START_NS + at, "name": str(at)} for at in (0, 1, 2)])
    asked = Statement("SELECT name FROM spans ORDER BY name", {"spans": ["name", "start_time"]})
    found = read(service, asked, start_ns=START_NS + 1, end_ns=START_NS + 2)
    assert (rows(found), found.files_read) == ([{"name": "1"}], 0)
    found = read(service, asked, start_ns=START_NS + 2)
    assert ([row["name"] for row in rows(found)], found.files_read) == (["2", "b"], 1)


def test_derived_tables_are_made_of_hot_rows(service: QueryService, data: FakeSource) -> None:
    data.add_hot("spans", [{"parent_span_id": None}, {"span_id": "2" * 16}])
    sql = "SELECT span_count FROM trace_parts"
    found = read(service, Statement(sql, {"trace_parts": ["span_count"], "spans": ["span_id"]}))
    assert rows(found) == [{"span_count": 2}]


def test_what_only_selects_is_not_run_over_nothing(service: QueryService, data: FakeSource) -> None:
    asked = Statement("SELECT name FROM spans", {"spans": ["name"]}, only_selects=True)
    after = Statement("SELECT count(*) AS n FROM spans", {"spans": ["name"]})
    found = read(service, asked, after)
    assert (found.tables[0].num_rows, found.tables[0].num_columns) == (0, 0)
    assert rows(found, 1) == [{"n": 0}]
    data.add_hot("spans", [{"name": "a"}])
    assert rows(read(service, asked, after)) == [{"name": "a"}]


def test_most_rows_are_the_first_found(service: QueryService, data: FakeSource) -> None:
    for count, expected in ((5, 5), (999, 999), (1000, 1000)):
        asked = Statement("FROM range(1500)", {"spans": ["name"]}, most=count)
        assert read(service, asked).tables[0].num_rows == expected
    few = Statement("FROM range(3)", {"spans": ["name"]}, most=5)
    assert [row["range"] for row in rows(read(service, few))] == [0, 1, 2]
    with pytest.raises(QueryOverBudget):
        read(service, Statement("FROM range(1500)", {"spans": ["name"]}, most=1001))


def test_too_many_rows_are_no_answer(service: QueryService, data: FakeSource) -> None:
    with pytest.raises(QueryOverBudget, match=r"query\.max_rows"):
        read(service, Statement("SELECT range FROM range(1001)", {"spans": ["name"]}))
    found = read(service, Statement("SELECT range FROM range(1000)", {"spans": ["name"]}))
    assert found.tables[0].num_rows == 1000


def test_a_mistake_leaves_the_worker_as_it_was(service: QueryService, data: FakeSource) -> None:
    data.add_hot("spans", [{"name": "a"}])
    idle = service.status()["workers"]
    with pytest.raises(QueryFailed, match="nonsense"):
        read(service, Statement("SELECT nonsense FROM spans", {"spans": ["name"]}))
    assert service.status()["workers"] == idle
    # What one question made is not there for the next.
    with pytest.raises(QueryFailed):
        read(service, Statement("SELECT * FROM hot.spans", {"logs": ["time"]}))
    assert value(service, "SELECT count(*) FROM spans") == 1


def test_files_are_read_and_nothing_else(service: QueryService, data: FakeSource) -> None:
    for sql in ("FROM read_text('/etc/passwd')", "FROM read_csv('/etc/passwd')"):
        with pytest.raises(Exception, match=r"(?i)permission|disabled"):
            read(service, Statement(sql, {"spans": ["name"]}))


def test_a_damaged_file_is_named(service: QueryService, data: FakeSource) -> None:
    data.add_file("spans", [{"name": "a"}])
    path = data.files[0].path
    with open(path, "r+b") as file:
        file.seek(-100, 2)
        file.write(b"\0" * 100)
    with pytest.raises(DataDamaged) as raised:
        read(service, Statement("SELECT name FROM spans", {"spans": ["name"]}))
    assert raised.value.files == (path,)


def test_a_cancelled_question_is_not_asked(service: QueryService, data: FakeSource) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(QueryFailed, match="cancelled"):
        service.read(Reads([Statement("SELECT 1", {})]), cancellation)


def test_they_are_counted_as_queries(service: QueryService, data: FakeSource) -> None:
    def count() -> float:
        return REGISTRY.get_sample_value("goldeneye_query_queries_total", {"outcome": "ok"}) or 0

    before = count()
    read(service, Statement("SELECT 1 AS one", {"spans": ["name"]}))
    assert count() == before + 1
