"""A rewritten query answers as an oracle in Python does, under the names it would have had."""

# Queries read best in one line, however long.
# ruff: noqa: E501

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from query.analysis.json_object import attributes_object
from query.analysis.quoting import literal
from query.analysis.rewrite import rewrite

NOW_NS = 1_767_225_600_123_456_789
PROMOTED = {
    "attributes.s": "VARCHAR",
    "attributes.http.route": "VARCHAR",
    "attributes.q\"'é": "VARCHAR",
    "attributes.$p": "VARCHAR",
    "attributes.i": "BIGINT",
    "attributes.d": "DOUBLE",
    "attributes.b": "BOOLEAN",
}
OTHERS = {"attributes_other": "VARCHAR", "resource_attributes_other": "VARCHAR"}
COLUMNS = {"id": "BIGINT", "service_name": "VARCHAR", **OTHERS, **PROMOTED}
VIEW = {**COLUMNS, "attributes": "JSON", "resource_attributes": "JSON"}
TABLES = {"spans": VIEW, "logs": VIEW}
ARROW = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
}
PYTHON = {"VARCHAR": str, "BIGINT": int, "DOUBLE": float, "BOOLEAN": bool}
TRICKY = [
    "",
    "*",
    "**",
    "$",
    "$x",
    "$.s",
    "$[0]",
    "/",
    "/s",
    "~",
    "a~1b",
    'a"b',
    "a'b",
    "0",
    "#",
    "ü",
]

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
KEYS = st.sampled_from([column.removeprefix("attributes.") for column in PROMOTED] + TRICKY) | TEXT
SCALARS = st.one_of(
    st.none(),
    TEXT,
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
)
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(TEXT, SCALARS, max_size=2)
ATTRIBUTES = st.dictionaries(KEYS, VALUES, max_size=5)


def stored(rows: list[dict[str, Any]]) -> tuple[pa.Table, frozenset[str]]:
    """The rows as columns and JSON, as docs/decoding.md has them, and which columns have strays."""
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    strays = set()
    for number, attributes in enumerate(rows):
        rest = dict(attributes)
        for column, kind in PROMOTED.items():
            key = column.removeprefix("attributes.")
            own = type(rest.get(key)) is PYTHON[kind]
            columns[column].append(rest.pop(key) if own else None)
            if key in rest:
                strays.add(column)
        columns["attributes_other"].append(json.dumps(rest) if rest else None)
        columns["id"].append(number)
        columns["service_name"].append(None if number % 2 else "shop")
        columns["resource_attributes_other"].append('{"service.name":7}' if number % 2 else None)
    arrays = {name: pa.array(values, ARROW[COLUMNS[name]]) for name, values in columns.items()}
    return pa.table(arrays), frozenset(strays)


CONNECTION = duckdb.connect()
CONNECTION.execute("SET TimeZone = 'UTC'")


@pytest.fixture(scope="module", autouse=True)
def _closed() -> Iterator[None]:
    yield
    CONNECTION.close()


def load(rows: list[dict[str, Any]]) -> dict[str, frozenset[str]]:
    """Make views `spans` and `logs` of the rows; the strays of each."""
    table, strays = stored(rows)
    CONNECTION.register("stored", table)
    for view in TABLES:
        CONNECTION.execute(
            f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT *, "
            f"{attributes_object('attributes', COLUMNS)} AS attributes, "
            f"{attributes_object('resource_attributes', COLUMNS)} AS resource_attributes "
            "FROM stored"
        )
    return dict.fromkeys(TABLES, strays)


def run(sql: str, params: Any, strays: dict[str, frozenset[str]]) -> tuple[list[str], list[Any]]:
    rewritten = rewrite(CONNECTION, sql, params, TABLES, strays, NOW_NS)
    relation = CONNECTION.execute(rewritten.sql, rewritten.params)
    return [column[0] for column in relation.description or []], relation.fetchall()


def number(token: str) -> str:
    """A number as DuckDB writes it that comes out of JSON."""
    answer = CONNECTION.execute(
        "SELECT CAST(json_extract(?::JSON, '$[0]') AS VARCHAR)", [f"[{token}]"]
    )
    return str(answer.fetchall()[0][0])


def as_text(attributes: dict[str, Any], key: str) -> str | None:
    value = attributes.get(key)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return number(json.dumps(value))


def same_json(text: str | None, attributes: dict[str, Any], key: str) -> bool:
    if text is None or key not in attributes:
        return (text is None) == (key not in attributes)
    return repr(json.loads(text)) == repr(attributes[key])


TEXT_FORMS = [
    "{a}->>{k}",
    "({a})->>{k}",
    "json_extract_string({a}, {k})",
    "json_extract_path_text({a}, {k})",
    "JSON_Extract_String({a}, {k})",
    "{a}.json_extract_string({k})",
    "coalesce({a}->>{k}, NULL)",
    "(SELECT {a}->>{k})",
    "CASE WHEN {a}->>{k} IS NOT NULL THEN {a}->>{k} END",
]
JSON_FORMS = ["{a}->{k}", "{a}[{k}]", "json_extract({a}, {k})", "json_extract_path({a}, {k})"]
SCOPES = [
    ("attributes", "SELECT id, {e} FROM spans ORDER BY id"),
    ("ATTRIBUTES", "SELECT id, {e} FROM spans ORDER BY id"),
    ("spans.attributes", "SELECT id, {e} FROM spans ORDER BY id"),
    ("s.attributes", "SELECT s.id, {e} FROM spans AS s JOIN logs USING (id) ORDER BY 1"),
    ("l.attributes", "SELECT s.id, {e} FROM spans s LEFT JOIN logs l ON s.id = l.id ORDER BY 1"),
    ("attributes", "SELECT id, {e} FROM spans SEMI JOIN logs USING (id) ORDER BY id"),
    ("attributes", "WITH x AS (SELECT * FROM spans) SELECT id, {e} FROM x ORDER BY id"),
    (
        "x.attributes",
        "WITH x AS (SELECT id, attributes FROM logs) SELECT id, {e} FROM x ORDER BY id",
    ),
    ("b", "WITH x(a, b) AS (SELECT id, attributes FROM logs) SELECT a, {e} FROM x ORDER BY a"),
    ("x.y", "SELECT id, {e} FROM (SELECT id, attributes AS y FROM spans) x ORDER BY id"),
    ("attributes", "SELECT id, {e} FROM (FROM spans UNION ALL FROM logs WHERE false) ORDER BY id"),
    ("s.attributes", "SELECT s.id, v FROM spans s, LATERAL (SELECT {e} AS v) ORDER BY 1"),
    (
        "s.attributes",
        "SELECT s.id, (SELECT {e} FROM logs l WHERE l.id = s.id) FROM spans s ORDER BY 1",
    ),
    ("attributes", "SELECT id, (SELECT {e} FROM range(1) t(i)) FROM spans ORDER BY id"),
    ("attributes", "SELECT id, any_value({e}) FROM spans GROUP BY id, {e} ORDER BY id"),
    ("attributes", "SELECT id, {e} FROM spans GROUP BY id, attributes ORDER BY id"),
    ("attributes", "SELECT id, {e} FROM spans GROUP BY ALL ORDER BY id, {e}"),
    ("attributes", "SELECT DISTINCT id, {e} FROM spans ORDER BY id"),
    (
        "attributes",
        "SELECT id, first({e}) OVER (PARTITION BY id ORDER BY {e}) FROM spans ORDER BY id",
    ),
    ("attributes", "SELECT id, list_transform([1], lambda i: {e})[1] FROM spans ORDER BY id"),
]


@given(
    st.lists(ATTRIBUTES, min_size=1, max_size=4),
    KEYS,
    st.sampled_from([*TEXT_FORMS, *JSON_FORMS]),
    st.sampled_from(SCOPES),
    st.sampled_from(["literal", "?", "$2", "$key"]),
)
@settings(max_examples=250, deadline=None)
def test_every_key_in_every_form_and_scope(
    rows: list[dict[str, Any]], key: str, form: str, scope: tuple[str, str], binding: str
) -> None:
    name, query = scope
    # A path by decision, no literal of SQL, and refused by DuckDB itself.
    assume(not (key.startswith(("$.", "$[")) and "json_extract" in form.lower()))
    assume(not ("\0" in key and binding == "literal"))
    assume(not ("lambda" in query and "SELECT" in form))
    strays = load(rows)
    marker = literal(key) if binding == "literal" else binding
    sql = query.format(e=form.format(a=name, k=marker))
    if binding == "$2":  # the first is asked for elsewhere, and must stay
        unused = "WITH unused AS (SELECT $1)"
        sql = sql.replace("WITH", f"{unused},", 1) if sql.startswith("WITH") else f"{unused} {sql}"
    bound = {"?": [key] * sql.count("?"), "$2": ["unused", key], "$key": {"key": key}}
    params = bound.get(binding)
    _, answers = run(sql, params, strays)
    assert len(answers) == len(rows)
    for attributes, (_, answer) in zip(rows, answers, strict=True):
        if form in JSON_FORMS:
            assert same_json(answer, attributes, key), (sql, answer)
        else:
            assert answer == as_text(attributes, key), sql


@given(
    st.lists(ATTRIBUTES, min_size=1, max_size=4),
    st.sampled_from(sorted(PROMOTED)),
    st.integers(0, 3),
)
@settings(max_examples=60, deadline=None)
def test_finds_the_rows_with_a_value(rows: list[dict[str, Any]], column: str, wanted: int) -> None:
    strays = load(rows)
    key = column.removeprefix("attributes.")
    value = as_text(rows[wanted % len(rows)], key)
    sql = "SELECT id FROM spans WHERE attributes->>$k = $v ORDER BY id"
    _, answers = run(sql, {"k": key, "v": value}, strays)
    expected = [i for i, row in enumerate(rows) if value is not None and as_text(row, key) == value]
    assert [row[0] for row in answers] == expected


NAMED = [
    "attributes->>'i'",
    "attributes->'i'",
    "attributes['i']",
    "attributes.i",
    "spans.attributes.i",
    "attributes->>'i' AS n",
    "upper(attributes->>'i')",
    "attributes->'m'->>'x'",
    "attributes->'m'->'x'",
    "(attributes->'m')->>'x'",
    "(attributes->>'i')::BIGINT + 1",
    "-(attributes->>'i')::BIGINT",
    "attributes->>'i' IS NULL",
    "attributes->>'i' IN ('1', '2')",
    "CASE attributes->>'i' WHEN '1' THEN 'one' ELSE attributes->>'s' END",
    "{'a': attributes->>'i', 'b': [attributes->>'s']}",
    "(attributes->>'i')::BIGINT BETWEEN 1 AND 2",
    "NOT (attributes->>'b')::BOOLEAN",
    "concat(attributes->>'i', attributes->>'s', resource_attributes->>'service.name')",
    "count(*) FILTER (WHERE attributes->>'i' = '1')",
    "count(DISTINCT attributes->>'i')",
    "max(attributes->>'i')",
    "sum((attributes->>'i')::BIGINT)",
    "EXISTS (SELECT attributes->>'i')",
    "resource_attributes->>'service.name'",
    "COLUMNS('id')",
    "* EXCLUDE (id)",
    "attributes.i.json_type()",
    "attributes->>'i' || 'x'",
    "attributes->>lower('I')",
    "attributes->>['i', 's']",
    "json_extract(attributes, '$.m.x')",
    "CAST(attributes AS JSON)->>'$.m.x'",
]


@pytest.mark.parametrize("item", NAMED)
def test_names_types_and_answers_stay_as_they_would_have_been(item: str) -> None:
    """For ordinary keys the view itself is right: it is the oracle."""
    strays = load([{"i": 1, "s": "a", "d": 1e-5, "b": True, "m": {"x": 2}}, {"i": "1", "s": 5}])
    sql = f"SELECT {item} FROM spans"
    relation = CONNECTION.sql(sql)
    expected = (
        relation.columns,
        [str(kind) for kind in relation.types],
        sorted(map(repr, relation.fetchall())),
    )
    rewritten = rewrite(CONNECTION, sql, None, TABLES, strays, NOW_NS)
    relation = CONNECTION.sql(rewritten.sql)
    assert (
        relation.columns,
        [str(k) for k in relation.types],
        sorted(map(repr, relation.fetchall())),
    ) == expected


UNTOUCHED = [
    "SELECT 1",
    "SELECT id FROM spans",
    "SELECT attributes FROM spans",
    "SELECT attributes->>'s' FROM (SELECT '{}'::JSON AS attributes)",
    "WITH spans AS (SELECT '{}'::JSON AS attributes) SELECT attributes->>'s' FROM spans",
    "SELECT x.attributes->>'s' FROM (VALUES ('{}'::JSON)) x(attributes), spans",
    "SELECT attributes->>'s' FROM spans AS s(a, b, attributes)",
    "SELECT s.attributes->>'s' FROM spans AS s(a, b, attributes)",
    "SELECT upper(service_name) AS attributes, attributes->>'s' FROM spans",
    "SELECT list_transform(['{}'::JSON], lambda attributes: attributes->>'s') FROM spans",
    "SELECT * FROM spans PIVOT (count(*) FOR id IN (1))",
    "SELECT attributes->>id::VARCHAR FROM spans",
    "SELECT events->>'s' FROM (SELECT attributes->'x' AS attributes, '{}' AS events FROM stored_elsewhere)",
]


@pytest.mark.parametrize("sql", UNTOUCHED)
def test_leaves_alone_what_is_not_a_tables_attributes(sql: str) -> None:
    load([{}])
    assert rewrite(CONNECTION, sql, None, TABLES, {}, NOW_NS).sql == sql


def test_reads_the_json_beside_a_column_only_for_strays() -> None:
    sql = "SELECT attributes->>'i' FROM spans WHERE attributes->>'s' = 'x'"
    without = rewrite(CONNECTION, sql, None, TABLES, {"spans": frozenset()}, NOW_NS).sql
    assert "_other" not in without
    assert '"attributes.s" = ' in without
    beside = rewrite(CONNECTION, sql, None, TABLES, {"spans": frozenset({"attributes.i"})}, NOW_NS)
    assert beside.sql.count("_other") == 1


def test_params_that_only_named_keys_are_dropped() -> None:
    load([{"i": 1, "s": "a"}])
    sql = "SELECT attributes->>? FROM spans WHERE id = ? AND attributes->>? = ?"
    rewritten = rewrite(CONNECTION, sql, ["i", 0, "s", "a"], TABLES, {}, NOW_NS)
    assert rewritten.params == [0, "a"]
    assert CONNECTION.execute(rewritten.sql, rewritten.params).fetchall() == [("1",)]
    named = rewrite(
        CONNECTION,
        "SELECT attributes->>$k FROM spans WHERE id = $i",
        {"k": "i", "i": 0},
        TABLES,
        {},
        NOW_NS,
    )
    assert named.params == {"i": 0}
    assert CONNECTION.execute(named.sql, named.params).fetchall() == [("1",)]


TIMES = {
    "now()": "2026-01-01 00:00:00.123456",
    "current_timestamp": "2026-01-01 00:00:00.123456",
    "now() - INTERVAL 1 HOUR": "2025-12-31 23:00:00.123456",
    "ago(INTERVAL 1 HOUR)": "2025-12-31 23:00:00.123456",
    "date_trunc('hour', now())": "2026-01-01 00:00:00",
    "to_timestamp(0)": "1970-01-01 00:00:00",
    "current_date": "2026-01-01",
    "now() AT TIME ZONE 'Asia/Tokyo'": "2026-01-01 09:00:00.123456",
    "(now() - INTERVAL 1 HOUR) AT TIME ZONE 'Asia/Tokyo'": "2026-01-01 08:00:00.123456",
}


@pytest.mark.parametrize(("expression", "expected"), TIMES.items())
def test_now_is_one_instant(expression: str, expected: str) -> None:
    sql = f"SELECT {expression} AS t, ({expression})::VARCHAR AS v, TIMESTAMP_NS '2025-06-01' > t FROM (SELECT 1)"
    rewritten = rewrite(
        CONNECTION, sql.replace(" > t", f" > {expression}"), None, TABLES, {}, NOW_NS
    )
    assert CONNECTION.execute(rewritten.sql).fetchall()[0][1] == expected


def test_now_is_subtracted_from_and_compared_with_our_times() -> None:
    sql = (
        "SELECT now() - t, age(now(), t), date_diff('second', t, now()), coalesce(t, now()) "
        "FROM (SELECT TIMESTAMP_NS '2025-12-31 23:59:00' AS t) WHERE t BETWEEN now() - INTERVAL 1 DAY AND now()"
    )
    rewritten = rewrite(CONNECTION, sql, None, TABLES, {}, NOW_NS)
    (row,) = CONNECTION.execute(rewritten.sql).fetchall()
    assert row[2] == 60


def test_explain_stays_an_explain() -> None:
    load([{}])
    rewritten = rewrite(
        CONNECTION, "EXPLAIN SELECT attributes->>'s' FROM spans", None, TABLES, {}, NOW_NS
    )
    assert rewritten.sql.startswith("EXPLAIN ")
    assert CONNECTION.execute(rewritten.sql).fetchall()
