"""Promoted columns and the rest make one object, in which every value keeps its kind."""

import json
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from query.analysis.json_object import attributes_object

KEYS = {"k": "VARCHAR", "q\"\\'é/~": "VARCHAR", "i": "BIGINT", "d": "DOUBLE", "b": "BOOLEAN"}
ARROW = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
}
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = {
    "VARCHAR": TEXT,
    "BIGINT": st.integers(-(2**63), 2**63 - 1),
    "DOUBLE": st.floats(allow_nan=False, allow_infinity=False),
    "BOOLEAN": st.booleans(),
}
OTHER = st.one_of(
    st.none(), TEXT, st.booleans(), VALUES["BIGINT"], VALUES["DOUBLE"], st.lists(TEXT, max_size=2)
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {key: st.none() | VALUES[kind] for key, kind in KEYS.items()}
        | {"other": st.dictionaries(TEXT.filter(lambda key: key not in KEYS), OTHER, max_size=3)}
    ),
    min_size=1,
    max_size=5,
)
CONNECTION = duckdb.connect()


def stored(rows: list[dict[str, Any]], prefix: str) -> pa.Table:
    columns = {
        f"{prefix}.{key}": pa.array([row[key] for row in rows], ARROW[kind])
        for key, kind in KEYS.items()
    }
    other = [json.dumps(row["other"], ensure_ascii=False) if row["other"] else None for row in rows]
    return pa.table(columns | {f"{prefix}_other": pa.array(other, pa.string())})


@given(ROWS)
@settings(max_examples=150, deadline=None)
def test_holds_every_attribute_with_its_kind(rows: list[dict[str, Any]]) -> None:
    table = stored(rows, "attributes")
    columns = {f"attributes.{key}": kind for key, kind in KEYS.items()}
    sql = attributes_object("attributes", columns | {"attributes_other": "VARCHAR"})
    answers = CONNECTION.from_arrow(table).project(f"{sql} AS a").fetchall()
    for row, (answer,) in zip(rows, answers, strict=True):
        expected = {key: row[key] for key in KEYS if row[key] is not None} | row["other"]
        actual = json.loads(answer)
        assert repr(sorted(actual.items())) == repr(sorted(expected.items()))


@given(VALUES["DOUBLE"])
@settings(max_examples=300, deadline=None)
def test_doubles_are_laid_out_as_python_does(value: float) -> None:
    sql = attributes_object("attributes", {"attributes.d": "DOUBLE"})
    relation = CONNECTION.from_arrow(pa.table({"attributes.d": [value]}))
    assert relation.project(sql).fetchall() == [(f'{{"d":{value!r}}}',)]


def test_is_json_and_empty_where_there_is_nothing() -> None:
    sql = attributes_object("attributes", {"name": "VARCHAR"})
    assert CONNECTION.sql(f"SELECT {sql}, typeof({sql})").fetchall() == [("{}", "JSON")]


def test_a_resource_has_its_service_name() -> None:
    sql = attributes_object("resource_attributes", {"service_name": "VARCHAR"})
    answer = CONNECTION.sql(f"SELECT {sql} FROM (SELECT 'shop' AS service_name)").fetchall()
    assert answer == [('{"service.name":"shop"}',)]
