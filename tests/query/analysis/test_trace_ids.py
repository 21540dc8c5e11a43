"""A query over the traces that matter to it answers as it does over all; and they are few."""

# Queries read best in one line, however long.
# ruff: noqa: E501

from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldeneye.limits import MAX_TRACES_LOOKED_UP
from query.analysis.time_range import Wanted, wanted_rows

TABLES = {
    "spans": {"id": "BIGINT", "trace_id": "VARCHAR"},
    "logs": {"id": "BIGINT", "trace_id": "VARCHAR"},
    "metric_points": {"id": "BIGINT"},
}
CONNECTION = duckdb.connect()
A, B, C = ("a" * 32, "b" * 32, "c" * 32)


def traces(sql: str, params: Any = None) -> dict[str, set[str] | None]:
    found = wanted_rows(CONNECTION, sql, params, TABLES, 0)
    return {table: rows.trace_ids and set(rows.trace_ids) for table, rows in found.items()}


CONDITIONS: dict[str, set[str] | None] = {
    f"trace_id = '{A}'": {A},
    f"'{A}' = trace_id": {A},
    f"spans.trace_id = '{A}' AND id > 1": {A},
    f"trace_id IN ('{A}', '{B}', '{A}')": {A, B},
    f"trace_id IN ('{A}', '{B}') AND trace_id IN ('{B}', '{C}')": {B},
    f"trace_id = '{A}' OR id = 1": None,
    f"NOT trace_id = '{A}'": None,
    f"trace_id <> '{A}'": None,
    f"trace_id NOT IN ('{A}')": None,
    f"trace_id >= '{A}'": None,
    f"trace_id = '{A}' COLLATE NOCASE": None,
    f"trace_id COLLATE NOCASE = '{A}'": None,
    f"lower(trace_id) = '{A}'": None,
    f"trace_id IS NOT DISTINCT FROM '{A}'": None,
    f"trace_id LIKE '{A}'": None,
    f"trace_id IN ('{A}', 5)": None,
    f"trace_id IN ('{A}', NULL)": None,
    f"trace_id IN ('{A}', upper('{A}'))": None,
    f"trace_id IN (SELECT trace_id FROM logs WHERE trace_id = '{A}')": None,
    f"(trace_id = '{A}') IS NULL": None,
    f"CASE WHEN trace_id = '{A}' THEN true ELSE false END": None,
    "trace_id = 'short'": None,
    f"trace_id = '{'é' * 32}'": None,
    "trace_id = 5": None,
    "trace_id = trace_id": None,
    f"trace_id IN ({', '.join(repr(f'{n:032x}') for n in range(MAX_TRACES_LOOKED_UP + 1))})": None,
}


@pytest.mark.parametrize(("condition", "expected"), CONDITIONS.items())
def test_conditions(condition: str, expected: set[str] | None) -> None:
    assert traces(f"SELECT * FROM spans WHERE {condition}")["spans"] == expected


@pytest.mark.parametrize(
    ("condition", "params", "expected"),
    [
        ("trace_id = ?", [A], {A}),
        ("trace_id IN ($2, $1)", [A, B], {A, B}),
        ("trace_id = $trace", {"trace": A}, {A}),
        ("trace_id IN (?, ?)", [A, 5], None),
        ("trace_id = ?", [None], None),
        ("trace_id = ?", ["\ud800" * 32], None),
        ("trace_id = ?", ["a" * 2_000_000], None),
        ("trace_id = ?", [], None),
    ],
    ids=["position", "numbers", "name", "integer", "null", "surrogates", "long", "missing"],
)
def test_parameters(condition: str, params: Any, expected: set[str] | None) -> None:
    assert traces(f"SELECT * FROM spans WHERE {condition}", params)["spans"] == expected


QUERIES: dict[str, dict[str, set[str] | None]] = {
    f"FROM spans WHERE trace_id = '{A}' UNION ALL FROM spans WHERE trace_id = '{B}'": {
        "spans": {A, B}
    },
    f"FROM spans WHERE trace_id = '{A}' UNION ALL FROM spans": {"spans": None},
    f"FROM (FROM spans UNION ALL FROM logs) WHERE trace_id = '{A}'": {"spans": {A}, "logs": {A}},
    f"FROM (FROM spans LIMIT 1) WHERE trace_id = '{A}'": {"spans": None},
    f"FROM (SELECT trace_id, count(*) FROM spans GROUP BY 1) WHERE trace_id = '{A}'": {
        "spans": None
    },
    f"FROM (SELECT upper(trace_id) AS trace_id FROM spans) WHERE trace_id = '{A}'": {"spans": None},
    f"FROM (SELECT '{A}' AS trace_id, id FROM spans) WHERE trace_id = '{A}'": {"spans": None},
    f"WITH s AS (FROM spans) SELECT * FROM s WHERE trace_id = '{A}'": {"spans": {A}},
    f"WITH s AS (FROM spans) SELECT * FROM s WHERE trace_id = '{A}' AND EXISTS (FROM s)": {
        "spans": None
    },
    f"WITH spans AS (FROM logs) FROM spans WHERE trace_id = '{A}'": {"logs": {A}},
    f"SELECT * FROM spans s JOIN logs l ON s.trace_id = l.trace_id WHERE s.trace_id = '{A}'": {
        "spans": {A},
        "logs": None,
    },
    f"SELECT * FROM spans s JOIN logs l ON s.id = l.id AND l.trace_id = '{B}' WHERE s.trace_id = '{A}'": {
        "spans": {A},
        "logs": {B},
    },
    f"SELECT * FROM spans s LEFT JOIN logs l ON s.trace_id = '{A}' AND l.trace_id = '{B}'": {
        "spans": None,
        "logs": {B},
    },
    f"SELECT * FROM spans s FULL JOIN logs l ON s.trace_id = '{A}' AND l.trace_id = '{B}'": {
        "spans": None,
        "logs": None,
    },
    f"SELECT (SELECT count(*) FROM logs WHERE trace_id = '{B}') FROM spans WHERE trace_id = '{A}'": {
        "spans": {A},
        "logs": {B},
    },
    f"SELECT * FROM spans WHERE trace_id = '{A}' AND EXISTS (FROM logs l WHERE l.id = spans.id)": {
        "spans": {A},
        "logs": None,
    },
    f"SELECT * FROM spans, metric_points WHERE trace_id = '{A}'": {
        "spans": {A},
        "metric_points": None,
    },
    f"SELECT count(*) FILTER (WHERE trace_id = '{A}') FROM spans": {"spans": None},
    f"SELECT trace_id, count(*) FROM spans GROUP BY 1 HAVING trace_id = '{A}'": {"spans": None},
    f"EXPLAIN SELECT * FROM spans WHERE trace_id = '{A}'": {"spans": {A}},
}


@pytest.mark.parametrize(("sql", "expected"), QUERIES.items())
def test_queries(sql: str, expected: dict[str, set[str] | None]) -> None:
    assert traces(sql) == expected


def test_conditions_that_no_trace_fulfils() -> None:
    sql = f"SELECT * FROM spans WHERE trace_id = '{A}' AND trace_id = '{B}'"
    assert wanted_rows(CONNECTION, sql, None, TABLES, 0)["spans"].trace_ids == frozenset()


ID = st.sampled_from([A, B, C])
IDS = st.lists(st.none() | ID, max_size=6)


@st.composite
def conditions(draw: st.DrawFn, columns: list[str]) -> str:
    column = draw(st.sampled_from(columns))
    one = draw(
        st.sampled_from(
            [
                f"{column} = '{draw(ID)}'",
                f"'{draw(ID)}' = {column}",
                f"{column} IN ('{draw(ID)}', '{draw(ID)}')",
                f"{column} <> '{draw(ID)}'",
                f"{column} IS NULL",
                f"({column} = '{draw(ID)}') IS NOT TRUE",
            ]
        )
    )
    kind = draw(st.integers(0, 6))
    if kind == 0:
        return f"NOT ({one})"
    if kind in (1, 2):
        return f"({one}) AND ({draw(conditions(columns))})"
    return f"({one}) OR ({draw(conditions(columns))})" if kind == 3 else one


SHAPES = [
    "SELECT * FROM spans s WHERE {s}",
    "SELECT * FROM (SELECT * FROM spans ORDER BY trace_id, id LIMIT 2) s WHERE {s}",
    "SELECT * FROM (SELECT *, lag(id) OVER (ORDER BY trace_id, id) FROM spans) s WHERE {s}",
    "WITH s AS (SELECT * FROM spans s WHERE {s}) SELECT * FROM s WHERE {s}",
    "WITH x AS (FROM spans) SELECT * FROM x s WHERE {s} UNION ALL SELECT * FROM x s WHERE {s2}",
    "SELECT * FROM (FROM spans UNION ALL FROM logs) s WHERE {s}",
    "SELECT * FROM (FROM spans UNION FROM logs) s WHERE {s}",
    "SELECT * FROM (FROM spans EXCEPT FROM logs) s WHERE {s}",
    "SELECT * FROM spans s JOIN logs l USING (trace_id) WHERE {s}",
    "SELECT * FROM spans s JOIN logs l ON s.trace_id = l.trace_id AND {b} WHERE {s}",
    "SELECT * FROM spans s LEFT JOIN logs l ON s.id = l.id AND {b}",
    "SELECT * FROM spans s LEFT JOIN logs l ON s.id = l.id WHERE {b}",
    "SELECT * FROM spans s RIGHT JOIN logs l ON s.id = l.id AND {b}",
    "SELECT * FROM spans s FULL JOIN logs l ON s.id = l.id WHERE {b}",
    "SELECT * FROM spans s SEMI JOIN logs l ON s.id = l.id AND {b} WHERE {s}",
    "SELECT * FROM spans s ANTI JOIN logs l ON s.id = l.id AND {b} WHERE {s}",
    "SELECT *, (SELECT count(*) FROM logs l WHERE l.id >= s.id AND {b}) FROM spans s WHERE {s}",
    "SELECT * FROM spans s WHERE EXISTS (FROM logs l WHERE l.id = s.id AND {b})",
    "SELECT * FROM spans s WHERE NOT EXISTS (FROM logs l WHERE l.id = s.id AND {b})",
    "SELECT * FROM spans s, LATERAL (SELECT max(id) FROM logs l WHERE l.id = s.id AND {b}) m",
    "SELECT s.trace_id, count(*) FROM spans s WHERE {s} GROUP BY 1 HAVING count(*) > 0",
    "SELECT s.trace_id, count(*) FROM spans s GROUP BY 1 HAVING {s}",
    "SELECT count(*) FROM spans s HAVING count(*) FILTER (WHERE {s}) >= 0",
]


@given(st.sampled_from(SHAPES), IDS, IDS, st.data())
@settings(max_examples=300, deadline=None)
def test_pruned_answers_equal_unpruned(
    shape: str, spans: list[str | None], logs: list[str | None], data: st.DataObject
) -> None:
    sql = shape.format(
        s=data.draw(conditions(["s.trace_id"])) if "{s}" in shape else "",
        s2=data.draw(conditions(["s.trace_id"])) if "{s2}" in shape else "",
        b=data.draw(conditions(["s.trace_id", "l.trace_id"])) if "{b}" in shape else "",
    )
    found = wanted_rows(CONNECTION, sql, None, TABLES, 0)
    answers = []
    for wanted in ({}, found):
        load("spans", spans, wanted.get("spans", Wanted()))
        load("logs", logs, wanted.get("logs", Wanted()))
        answers.append(sorted(map(repr, CONNECTION.sql(sql).fetchall())))
    assert answers[0] == answers[1], (sql, found)


def load(table: str, ids: list[str | None], wanted: Wanted) -> None:
    """Files without the traces that are wanted are left out; here each row has its own."""
    rows = [
        (number % 4, id_)
        for number, id_ in enumerate(ids)
        if wanted.trace_ids is None or id_ in wanted.trace_ids
    ]
    numbers = pa.array([row[0] for row in rows], pa.int64())
    names = pa.array([row[1] for row in rows], pa.string())
    CONNECTION.register(table, pa.table({"id": numbers, "trace_id": names}))
