"""A query over the times that matter to it answers as it does over all; and they are narrow."""

# Queries read best in one line, however long.
# ruff: noqa: E501

from contextlib import suppress
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldeneye.errors import QueryFailed, QueryRefused
from query.analysis.rewrite import rewrite
from query.analysis.tables import tables_used
from query.analysis.time_range import TimeRange, Wanted, wanted_of_stored, wanted_rows

NOW_NS = 1_767_225_600_123_456_789  # 2026-01-01 00:00:00.123456789
SECOND_NS = 10**9
HOUR_NS = 3_600 * SECOND_NS
DAY_NS = 24 * HOUR_NS
NOW_US_NS = NOW_NS // 1_000 * 1_000  # now() has microseconds
TABLES = {
    "spans": {"id": "BIGINT", "start_time": "TIMESTAMP_NS", "end_time": "TIMESTAMP_NS"},
    "logs": {"id": "BIGINT", "time": "TIMESTAMP_NS"},
    "metric_series": {"id": "BIGINT", "day": "DATE"},
}
EVERYTHING = TimeRange()
COLUMN = {"spans": "start_time", "logs": "time", "metric_series": "day"}
CONNECTION = duckdb.connect()
CONNECTION.execute("SET TimeZone = 'UTC'")


def ranges(sql: str, params: Any = None) -> dict[str, TimeRange]:
    found = wanted_rows(CONNECTION, sql, params, TABLES, NOW_NS)
    return {table: rows.times for table, rows in found.items()}


HOUR_BEFORE = NOW_US_NS - HOUR_NS
MIDNIGHT = NOW_NS // DAY_NS * DAY_NS
BOUNDED = {
    "start_time >= now() - INTERVAL 1 HOUR": (HOUR_BEFORE, None),
    "start_time > now() - INTERVAL '1 hour' AND start_time < now()": (HOUR_BEFORE, NOW_US_NS),
    "now() - INTERVAL 1 HOUR <= start_time": (HOUR_BEFORE, None),
    "start_time > current_timestamp - to_hours(1)": (HOUR_BEFORE, None),
    "start_time > ago(INTERVAL 1 HOUR)": (HOUR_BEFORE, None),
    "start_time BETWEEN now() - INTERVAL 1 HOUR AND now()": (HOUR_BEFORE, NOW_US_NS),
    "start_time >= TIMESTAMP '2026-01-01'": (MIDNIGHT, None),
    "start_time >= '2026-01-01'": (MIDNIGHT, None),
    "start_time >= '2026-01-01'::TIMESTAMP": (MIDNIGHT, None),
    "start_time >= DATE '2026-01-01'": (MIDNIGHT, None),
    "start_time >= current_date": (MIDNIGHT, None),
    "start_time >= date_trunc('day', now())": (MIDNIGHT, None),
    "start_time = TIMESTAMP_NS '2026-01-01 00:00:00.000000007'": (MIDNIGHT + 7, MIDNIGHT + 7),
    "start_time < make_timestamp_ns(5)": (None, 5),
    "start_time < to_timestamp(5)": (None, 5 * SECOND_NS),
    "start_time < '1970-01-01T00:00:05Z'": (None, 5 * SECOND_NS),
    "id = 1 AND (start_time > make_timestamp_ns(5) AND (start_time <= make_timestamp_ns(9)))": (
        5,
        9,
    ),
    "spans.start_time > make_timestamp_ns(5)": (5, None),
    "start_time > make_timestamp_ns(5) AND start_time > make_timestamp_ns(7)": (7, None),
    "start_time > make_timestamp_ns(5) OR id = 1": (None, None),
    "NOT start_time > make_timestamp_ns(5)": (None, None),
    "start_time NOT BETWEEN make_timestamp_ns(5) AND now()": (None, None),
    "start_time <> make_timestamp_ns(5)": (None, None),
    "start_time IS DISTINCT FROM make_timestamp_ns(5)": (None, None),
    "end_time > make_timestamp_ns(5)": (None, None),
    "start_time > end_time": (None, None),
    "start_time + INTERVAL 1 HOUR > make_timestamp_ns(5)": (None, None),
    "start_time > (SELECT max(time) FROM logs)": (None, None),
    "start_time > make_timestamp_ns(id)": (None, None),
    "start_time > NULL": (None, None),
    "start_time > make_timestamp_ns((random() * 9)::BIGINT)": (None, None),
    "CASE WHEN start_time > make_timestamp_ns(5) THEN true ELSE false END": (None, None),
}


@pytest.mark.parametrize(("condition", "expected"), BOUNDED.items())
def test_conditions(condition: str, expected: tuple[int | None, int | None]) -> None:
    assert ranges(f"SELECT * FROM spans WHERE {condition}")["spans"] == expected


@pytest.mark.parametrize(
    ("params", "marker"),
    [
        (["2026-01-01"], "?"),
        (["2026-01-01"], "$1::TIMESTAMP"),
        ({"t": "2026-01-01T00:00:00Z"}, "$t"),
    ],
)
def test_bound_params(params: Any, marker: str) -> None:
    found = ranges(f"SELECT * FROM spans WHERE start_time >= {marker}", params)
    assert found["spans"] == (MIDNIGHT, None)


def test_a_param_that_is_missing_bounds_nothing() -> None:
    assert ranges("SELECT * FROM spans WHERE start_time >= $1 AND id = $2", []) == {
        "spans": EVERYTHING
    }


T = "make_timestamp_ns"
QUERIES: dict[str, dict[str, tuple[int | None, int | None]]] = {
    f"SELECT * FROM spans s WHERE s.start_time > {T}(5)": {"spans": (5, None)},
    f"FROM spans UNION ALL FROM spans WHERE start_time > {T}(5)": {"spans": (None, None)},
    f"FROM spans WHERE start_time > {T}(7) UNION ALL FROM spans WHERE start_time > {T}(5)": {
        "spans": (5, None)
    },
    f"SELECT * FROM (FROM spans) WHERE start_time > {T}(5)": {"spans": (5, None)},
    f"SELECT * FROM (SELECT id, start_time AS t FROM spans ORDER BY id) x WHERE x.t > {T}(5)": {
        "spans": (5, None)
    },
    f"SELECT * FROM (FROM spans LIMIT 1) WHERE start_time > {T}(5)": {"spans": (None, None)},
    f"SELECT * FROM (FROM spans TABLESAMPLE 1 ROWS) WHERE start_time > {T}(5)": {
        "spans": (None, None)
    },
    f"SELECT * FROM spans WHERE start_time > {T}(5) USING SAMPLE 1": {"spans": (None, None)},
    f"SELECT * FROM (SELECT *, row_number() OVER () FROM spans) WHERE start_time > {T}(5)": {
        "spans": (None, None)
    },
    f"SELECT * FROM (SELECT max(start_time) AS start_time FROM spans) WHERE start_time > {T}(5)": {
        "spans": (None, None)
    },
    f"SELECT * FROM (SELECT DISTINCT ON (id) * FROM spans) WHERE start_time > {T}(5)": {
        "spans": (None, None)
    },
    f"WITH s AS (FROM spans) FROM s WHERE start_time > {T}(5)": {"spans": (5, None)},
    f"WITH s AS (FROM spans WHERE start_time < {T}(9)) FROM s WHERE start_time > {T}(5)": {
        "spans": (5, 9)
    },
    f"WITH s AS (FROM spans) SELECT * FROM s a JOIN s b USING (id) WHERE a.start_time > {T}(5)": {
        "spans": (None, None)
    },
    f"WITH s AS (FROM spans) FROM s WHERE start_time > {T}(5) UNION ALL FROM s WHERE start_time > {T}(7)": {
        "spans": (5, None)
    },
    f"WITH spans AS (FROM logs) FROM spans WHERE time > {T}(5)": {"logs": (5, None)},
    f"WITH s AS (FROM spans UNION ALL FROM spans WHERE id = 1) FROM s WHERE start_time > {T}(5)": {
        "spans": (5, None)
    },
    f"SELECT * FROM spans s JOIN logs l ON s.id = l.id AND l.time > {T}(5) WHERE start_time < {T}(9)": {
        "spans": (None, 9),
        "logs": (5, None),
    },
    f"SELECT * FROM spans LEFT JOIN logs ON start_time > {T}(5) AND time > {T}(7)": {
        "spans": (None, None),
        "logs": (7, None),
    },
    f"SELECT * FROM spans RIGHT JOIN logs ON start_time > {T}(5) AND time > {T}(7)": {
        "spans": (5, None),
        "logs": (None, None),
    },
    f"SELECT * FROM spans FULL JOIN logs ON start_time > {T}(5) AND time > {T}(7)": {
        "spans": (None, None),
        "logs": (None, None),
    },
    f"SELECT * FROM spans SEMI JOIN logs ON start_time > {T}(5) AND time > {T}(7)": {
        "spans": (5, None),
        "logs": (7, None),
    },
    f"SELECT * FROM spans ANTI JOIN logs ON start_time > {T}(5) AND time > {T}(7)": {
        "spans": (None, None),
        "logs": (7, None),
    },
    f"SELECT * FROM spans ASOF JOIN logs ON start_time >= time WHERE time > {T}(5)": {
        "spans": (None, None),
        "logs": (None, None),
    },
    f"SELECT * FROM spans POSITIONAL JOIN logs WHERE time > {T}(5)": {
        "spans": (None, None),
        "logs": (None, None),
    },
    f"SELECT * FROM spans, logs WHERE start_time > {T}(5)": {
        "spans": (5, None),
        "logs": (None, None),
    },
    f"SELECT * FROM spans WHERE start_time > {T}(5) AND EXISTS (FROM spans s WHERE s.id = spans.id)": {
        "spans": (None, None)
    },
    f"SELECT * FROM spans WHERE EXISTS (FROM logs WHERE start_time > {T}(5) AND time > {T}(7))": {
        "spans": (None, None),
        "logs": (7, None),
    },
    f"SELECT (SELECT count(*) FROM logs WHERE time > {T}(7)) FROM spans WHERE start_time > {T}(5)": {
        "spans": (5, None),
        "logs": (7, None),
    },
    f"SELECT * FROM spans, LATERAL (FROM logs WHERE logs.id = spans.id AND time > {T}(7)) WHERE start_time > {T}(5)": {
        "spans": (5, None),
        "logs": (7, None),
    },
    f"PIVOT (FROM spans WHERE start_time > {T}(5)) ON id IN (1) USING count(*)": {
        "spans": (5, None)
    },
    f"PIVOT spans ON id IN (1) USING max((SELECT max(time) FROM logs WHERE time > {T}(5)))": {
        "spans": (None, None),
        "logs": (5, None),
    },
    "SELECT * FROM metric_series WHERE day >= '2026-01-01 12:00:00'": {
        "metric_series": (MIDNIGHT, None)
    },
    "SELECT * FROM metric_series WHERE day = DATE '2026-01-01'": {
        "metric_series": (MIDNIGHT, MIDNIGHT)
    },
    f"EXPLAIN SELECT * FROM spans WHERE start_time > {T}(5)": {"spans": (5, None)},
    "SELECT 1": {},
}


@pytest.mark.parametrize(("sql", "expected"), QUERIES.items())
def test_queries(sql: str, expected: dict[str, tuple[int | None, int | None]]) -> None:
    assert ranges(sql) == expected


def test_tables_used_are_those_read() -> None:
    sql = "WITH a AS (FROM Spans) SELECT * FROM a, main.logs WHERE EXISTS (FROM a)"
    assert tables_used(CONNECTION, sql) == {"spans", "logs"}


def test_stored_tables_have_the_hull_of_their_views_and_series_whole_days() -> None:
    reads = {
        "metrics": ("metric_series", "metric_points"),
        "spans": ("spans",),
        "span_events": ("spans",),
    }
    found = {
        "metrics": Wanted(TimeRange(NOW_NS, NOW_NS + 5)),
        "spans": Wanted(TimeRange(7, None), frozenset("a")),
        "span_events": Wanted(TimeRange(5, 9), frozenset("b")),
    }
    assert wanted_of_stored(found, reads) == {
        "metric_series": ((MIDNIGHT, NOW_NS + 5), None),
        "metric_points": ((NOW_NS, NOW_NS + 5), None),
        "spans": ((5, None), {"a", "b"}),
    }


@pytest.mark.parametrize("terms", [100, 200, 300, 1_000])
def test_depth_does_not_crash(terms: int) -> None:
    sql = f"SELECT * FROM spans WHERE start_time > {T}(5) AND id < {' + '.join(['1'] * terms)}"
    with suppress(QueryRefused, QueryFailed):
        assert ranges(sql)["spans"] in (EVERYTHING, (5, None))
        assert rewrite(CONNECTION, sql, None, TABLES, {}, NOW_NS).sql == sql


OFFSETS = st.integers(-3, 3).map(lambda hours: NOW_US_NS + hours * HOUR_NS) | st.integers(
    NOW_US_NS - 2, NOW_US_NS + 2
)
TIMES = st.lists(st.none() | OFFSETS, max_size=6)


@st.composite
def values(draw: st.DrawFn) -> str:
    hours = draw(st.integers(-3, 3))
    return draw(
        st.sampled_from(
            [
                f"now() + INTERVAL ({hours}) HOUR",
                f"(now() + INTERVAL ({hours}) HOUR)::TIMESTAMP",
                f"{T}({NOW_US_NS + hours})",
                f"TIMESTAMP '2026-01-01 0{abs(hours)}:00:00'",
                f"'2026-01-01 0{abs(hours)}:00:00.123456001'",
                "DATE '2026-01-01'",
                f"date_trunc('hour', ago(to_hours({hours})))",
            ]
        )
    )


@st.composite
def conditions(draw: st.DrawFn, columns: list[str]) -> str:
    column = draw(st.sampled_from(columns))
    operator = draw(st.sampled_from(["<", "<=", ">", ">=", "=", "<>"]))
    one = f"{column} {operator} {draw(values())}"
    kind = draw(st.integers(0, 7))
    if kind == 0:
        return f"{draw(values())} {operator} {column}"
    if kind == 1:
        return f"{column} BETWEEN {draw(values())} AND {draw(values())}"
    if kind == 2:
        return f"NOT ({one})"
    if kind in (3, 4):
        return f"({one}) AND ({draw(conditions(columns))})"
    if kind == 5:
        return f"({one}) OR ({draw(conditions(columns))})"
    return one


SHAPES = [
    "SELECT * FROM spans s WHERE {s}",
    "SELECT * FROM (FROM spans) s WHERE {s}",
    "SELECT * FROM (SELECT * FROM spans ORDER BY start_time, id LIMIT 2) s WHERE {s}",
    "SELECT * FROM (SELECT *, lag(id) OVER (ORDER BY start_time, id) FROM spans) s WHERE {s}",
    "WITH s AS (SELECT * FROM spans s WHERE {s}) SELECT * FROM s WHERE {s}",
    "WITH x AS (FROM spans) SELECT * FROM x s WHERE {s} UNION ALL SELECT * FROM x s WHERE {s2}",
    "WITH x AS (FROM spans) SELECT s.id, count(l.id) FROM x s LEFT JOIN x l ON s.id < l.id WHERE {s} GROUP BY 1",
    "SELECT * FROM (FROM spans UNION ALL SELECT id, time, time FROM logs) s WHERE {s}",
    "SELECT * FROM spans s JOIN logs l ON s.id = l.id AND {l} WHERE {s}",
    "SELECT * FROM spans s LEFT JOIN logs l ON s.id = l.id AND {b}",
    "SELECT * FROM spans s LEFT JOIN logs l ON s.id = l.id WHERE {b}",
    "SELECT * FROM spans s RIGHT JOIN logs l ON s.id = l.id AND {b}",
    "SELECT * FROM spans s FULL JOIN logs l ON s.id = l.id AND {b}",
    "SELECT * FROM spans s FULL JOIN logs l ON s.id = l.id WHERE {b}",
    "SELECT * FROM spans s SEMI JOIN logs l ON s.id = l.id AND {b} WHERE {s}",
    "SELECT * FROM spans s ANTI JOIN logs l ON s.id = l.id AND {b} WHERE {s}",
    "SELECT * FROM spans s ASOF LEFT JOIN logs l ON s.start_time >= l.time WHERE {b}",
    "SELECT * FROM spans s POSITIONAL JOIN logs l WHERE {b}",
    "SELECT *, (SELECT count(*) FROM logs l WHERE l.id >= s.id AND {b}) FROM spans s WHERE {s}",
    "SELECT * FROM spans s WHERE EXISTS (FROM logs l WHERE l.id = s.id AND {b})",
    "SELECT * FROM spans s WHERE NOT EXISTS (FROM logs l WHERE l.id = s.id AND {b})",
    "SELECT * FROM spans s, LATERAL (SELECT max(time) FROM logs l WHERE l.id = s.id AND {b}) m",
    "SELECT s.id, count(*) OVER (), first(s.id) OVER (ORDER BY s.start_time, s.id) FROM spans s WHERE {s}",
    "SELECT s.id, count(*) FROM spans s WHERE {s} GROUP BY 1 HAVING count(*) > 0",
    "SELECT count(*) FROM spans s HAVING max(s.start_time) > now()",
]


@given(st.sampled_from(SHAPES), TIMES, TIMES, st.data())
@settings(max_examples=300, deadline=None)
def test_pruned_answers_equal_unpruned(
    shape: str, spans: list[int | None], logs: list[int | None], data: st.DataObject
) -> None:
    sql = shape.format(
        s=data.draw(conditions(["s.start_time"])),
        s2=data.draw(conditions(["s.start_time"])),
        l=data.draw(conditions(["l.time"])) if " l " in shape else "",
        b=data.draw(conditions(["s.start_time", "l.time"])) if " l " in shape else "",
    )
    found = ranges(sql)
    runnable = rewrite(CONNECTION, sql, None, TABLES, {}, NOW_NS).sql
    answers = []
    for bounds in ({}, found):
        load("spans", spans, bounds.get("spans", EVERYTHING))
        load("logs", logs, bounds.get("logs", EVERYTHING))
        table = CONNECTION.sql(runnable).to_arrow_table()
        answers.append(sorted(map(repr, table.cast(as_numbers(table.schema)).to_pylist())))
    assert answers[0] == answers[1], (sql, found)


def load(table: str, times: list[int | None], bounds: TimeRange) -> None:
    rows = [(number % 4, time) for number, time in enumerate(times) if inside(time, bounds)]
    numbers = pa.array([row[0] for row in rows], pa.int64())
    instants = pa.array([row[1] for row in rows], pa.timestamp("ns"))
    columns = dict.fromkeys(list(TABLES[table])[1:], instants)
    CONNECTION.register(table, pa.table({"id": numbers, **columns}))


def inside(time: int | None, bounds: TimeRange) -> bool:
    """As files are pruned: what has no time cannot be missed, since no bound is true of it."""
    if time is None:
        return bounds == EVERYTHING
    low, high = bounds
    return (low is None or time >= low) and (high is None or time <= high)


def as_numbers(schema: pa.Schema) -> pa.Schema:
    return pa.schema(
        [(f.name, pa.int64() if pa.types.is_timestamp(f.type) else f.type) for f in schema]
    )
