"""What each table and view shows of files and hot rows."""

from collections.abc import Sequence

import duckdb
import pytest
from support.snapshots import DAY_NS, PROMOTED, START_NS, FakeSource, table
from support.sql import answer, rows, value

from goldeneye import schemas
from query.service import QueryService
from query.tables import READS


def types(service: QueryService, name: str) -> dict[str, str]:
    described = rows(service, f"SELECT column_name, column_type FROM (DESCRIBE {name})")
    return dict(described)


def expected_types(name: str) -> dict[str, str]:
    relation = duckdb.connect().from_arrow(schemas.table(name, PROMOTED).empty_table())
    found = dict(zip(relation.columns, map(str, relation.types), strict=True))
    if name in schemas.WITH_ATTRIBUTES:
        found |= {"attributes": "JSON", "resource_attributes": "JSON"}
    return found


@pytest.mark.parametrize("name", [*schemas.TABLES, *schemas.OWN_TABLES])
@pytest.mark.parametrize("kinds", [(), ("file",), ("hot",), ("file", "hot")])
def test_columns_are_the_schemas_whatever_holds_the_rows(
    service: QueryService, data: FakeSource, name: str, kinds: Sequence[str]
) -> None:
    if "file" in kinds:
        data.add_file(name, [{}])
    if "hot" in kinds:
        data.add_hot(name, [{}])
    assert types(service, name) == expected_types(name)
    assert answer(service, f"FROM {name}")["row_count"] == len(kinds)


@pytest.mark.parametrize("name", READS)
def test_an_empty_database_has_all_tables(
    service: QueryService, data: FakeSource, name: str
) -> None:
    assert [name] in rows(service, "SHOW TABLES")
    assert rows(service, f"FROM {name}") == []


def test_show_tables_lists_no_helpers(service: QueryService, data: FakeSource) -> None:
    data.add_hot("spans", [{}])
    sql = "SELECT name FROM (SHOW TABLES), (SELECT count(*) FROM spans) ORDER BY 1"
    assert [row[0] for row in rows(service, sql)] == sorted(READS)


def test_columns_that_a_file_lacks_are_null(service: QueryService, data: FakeSource) -> None:
    data.add_file("spans", [{"name": "old", "kind": "x"}], without=["kind", "events", "links"])
    data.add_file("spans", [{"name": "new", "attributes.http.route": "/"}])
    sql = """SELECT name, kind, "attributes.http.route", events FROM spans ORDER BY name"""
    assert rows(service, sql) == [["new", "server", "/", []], ["old", None, None, None]]
    assert types(service, "spans") == expected_types("spans")


def test_columns_that_only_a_file_has_are_shown(service: QueryService, data: FakeSource) -> None:
    once = schemas.PromotedKeys(
        {**PROMOTED.attributes, "once.promoted": "int"}, PROMOTED.resource_attributes
    )
    row = {"attributes.once.promoted": 7, "attributes.http.route": "/"}
    data.add_file("spans", table("spans", [row], once))
    data.add_hot("spans", [{"attributes_other": '{"once.promoted":8}'}])
    sql = "SELECT attributes, attributes->>'once.promoted' FROM spans ORDER BY 2"
    assert rows(service, sql) == [
        [{"http.route": "/", "once.promoted": 7}, "7"],
        [{"once.promoted": 8}, "8"],
    ]
    assert value(service, """SELECT sum("attributes.once.promoted") FROM spans""") == 7


def test_attributes_are_whole(service: QueryService, data: FakeSource) -> None:
    row = {
        "attributes.http.route": "/",
        "attributes.http.response.status_code": 200,
        "attributes_other": '{"a":{"b":[1,2.5,null]},"":true}',
        "resource_attributes.k8s.pod.name": "pod",
        "service_name": "shop",
    }
    data.add_file("spans", [row])
    data.add_hot("spans", [row])
    expected = [
        {"http.route": "/", "http.response.status_code": 200, "a": {"b": [1, 2.5, None]}, "": True},
        {"service.name": "shop", "k8s.pod.name": "pod"},
    ]
    assert rows(service, "SELECT attributes, resource_attributes FROM spans") == [expected] * 2


def test_a_key_is_read_from_its_column_and_from_the_json(
    service: QueryService, data: FakeSource
) -> None:
    data.add_file("spans", [{"attributes.http.route": "/column"}])
    data.add_file(
        "spans", [{"attributes_other": '{"http.route":7}'}], strays=["attributes.http.route"]
    )
    sql = "SELECT attributes->>'http.route' AS route FROM spans ORDER BY 1"
    assert rows(service, sql) == [["/column"], ["7"]]
    sql = "SELECT count(*) FROM spans WHERE attributes->>$key = $value"
    params = {"key": "http.route", "value": "/column"}
    assert value(service, sql, params=params) == 1


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT s.name FROM spans AS s",
        "SELECT s FROM spans AS s",
        "SELECT spans FROM spans",
        "SELECT #7 FROM spans",
        "SELECT COLUMNS('attributes') FROM spans",
        "SELECT attributes FROM spans",
        "SELECT ATTRIBUTES FROM spans",
        "SELECT a.name FROM spans AS a JOIN spans AS b USING (attributes)",
        "SELECT count(*) FROM (FROM spans) NATURAL JOIN (SELECT name, attributes FROM spans)",
        "SELECT x FROM spans AS s(x)",
        "WITH s AS (FROM spans) SELECT attributes FROM s",
        "SELECT (SELECT count(attributes) FROM spans WHERE name = o.name) FROM spans AS o",
        "SUMMARIZE spans",
        "PIVOT (SELECT name, kind FROM spans) ON kind IN ('server') USING count(*)",
        "UNPIVOT (SELECT name, kind FROM spans) ON name, kind",
        "SELECT count(*) FROM spans",
        "SELECT 1 FROM spans",
        "SELECT count(*) FROM information_schema.columns, spans",
        "SELECT l.body FROM spans AS s, logs AS l WHERE l.trace_id = s.trace_id",
        "SELECT resource_attributes->>'k8s.pod.name', attributes->>'nothing' FROM metrics",
        "SELECT count(*) FROM metric_series",
        "SELECT sum(value) FROM metric_points",
        "SELECT value, unit FROM metric_points JOIN metric_series USING (series_id)",
        "SELECT value FROM metrics",
        "SELECT count(*) FROM metrics AS m, metric_series AS s WHERE m.series_id = s.series_id",
        "WITH metrics AS (SELECT 1 AS value) SELECT value FROM metrics, metric_series",
        "SELECT name FROM span_events",
        "SELECT flags FROM span_links",
        "EXPLAIN SELECT attributes->>'http.route' FROM spans",
        "EXPLAIN ANALYZE SELECT name FROM spans",
        "SELECT max(start_time) FROM spans WHERE start_time > now() - INTERVAL 1 HOUR",
        "FROM spans SELECT DISTINCT ON (name) kind ORDER BY received_time",
    ],
)
def test_views_have_the_columns_that_a_query_sees(
    service: QueryService, data: FakeSource, sql: str
) -> None:
    """Views are made of the columns that are named: each way to name one must count."""
    for name in schemas.TABLES:
        data.add_file(name, [{}])
        data.add_hot(name, [{}])
    answer(service, sql)


def test_a_point_has_one_series_row(service: QueryService, data: FakeSource) -> None:
    series = {"unit": "s", "service_name": "shop", "attributes_other": '{"a":1}'}
    for _ in range(3):
        data.add_file("metric_series", [series])
    data.add_hot("metric_series", [series, {"series_id": 2, "unit": "By"}])
    data.add_hot("metric_series", [{"day": START_NS // DAY_NS + 1, "unit": "tomorrow"}])
    data.add_file("metric_points", [{"value": 1.0}])
    data.add_hot("metric_points", [{"value": 2.0}, {"series_id": 2, "value": 3.0}])
    data.add_hot("metric_points", [{"value": 4.0, "time": None, "received_time": START_NS + 1}])
    data.add_hot("metric_points", [{"value": 5.0, "time": START_NS + DAY_NS}])
    data.add_hot("metric_points", [{"series_id": 99, "value": 6.0}])
    sql = "SELECT value, unit, service_name, attributes->>'a' FROM metrics ORDER BY value"
    assert rows(service, sql) == [
        [1.0, "s", "shop", "1"],
        [2.0, "s", "shop", "1"],
        [3.0, "By", None, None],
        [4.0, "s", "shop", "1"],
        [5.0, "tomorrow", None, None],
        [6.0, None, None, None],
    ]
    assert value(service, "SELECT count(*) FROM metrics") == 6


def test_metrics_have_the_columns_of_points_and_series(
    service: QueryService, data: FakeSource
) -> None:
    series = expected_types("metric_series")
    del series["day"]
    assert types(service, "metrics") == expected_types("metric_points") | series


def test_events_and_links_are_rows(service: QueryService, data: FakeSource) -> None:
    event = {
        "time": START_NS + 5,
        "name": "exception",
        "attributes": '{"exception.type":"E"}',
        "dropped_attributes_count": 1,
    }
    link = {"trace_id": "a" * 32, "span_id": "b" * 16, "attributes": None, "flags": 1}
    row = {"name": "work", "events": [event, {**event, "name": "retry"}], "links": [link]}
    data.add_file("spans", [row, {"name": "plain"}])
    data.add_hot("spans", [row])
    sql = """SELECT span_name, name, attributes->>'exception.type', epoch_ns(time), service_name
             FROM span_events WHERE name = 'exception'"""
    assert rows(service, sql) == [["work", "exception", "E", START_NS + 5, "shop"]] * 2
    assert value(service, "SELECT count(*) FROM span_events") == 4
    sql = "SELECT linked_trace_id, linked_span_id, attributes, flags FROM span_links"
    assert rows(service, sql) == [["a" * 32, "b" * 16, {}, 1]] * 2


def test_a_users_cte_does_not_reach_into_views(service: QueryService, data: FakeSource) -> None:
    data.add_file("spans", [{"events": [{"name": "e"}]}])
    sql = "WITH spans AS (SELECT 1 AS x) SELECT count(*) FROM span_events, spans"
    assert value(service, sql) == 1


@pytest.mark.parametrize(("how", "reads_json"), [("empty", False), ("without", True)])
def test_json_is_searched_for_a_key_only_where_it_had_no_column(
    service: QueryService, data: FakeSource, how: str, reads_json: bool
) -> None:
    """A column that is left out for want of values is no column that was not there yet."""
    data.add_file("spans", [{"attributes.http.route": "/"}])
    row = {"attributes_other": '{"http.route":7}' if reads_json else '{"a":1}'}
    data.add_file("spans", [row], **{how: ["attributes.http.route"]})  # type: ignore[arg-type]
    sql = "SELECT attributes->>'http.route' AS route FROM spans"
    assert sorted(rows(service, sql), key=str) == [["/"], ["7" if reads_json else None]]
    plan = str(rows(service, f"EXPLAIN {sql}"))
    assert "attributes.http.route" in plan
    assert ("attributes_other" in plan) is reads_json
