"""The forms of an answer: JSON, CSV, Arrow, Parquet, and a table for terminals."""

import csv
import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.snapshots import FakeSource
from support.sql import answer, rows, value

from query.service import QueryService, SqlQuery

# SQL, its JSON value, its text in CSV.
VALUES: list[tuple[str, Any, str]] = [
    ("NULL", None, ""),
    ("true", True, "true"),
    ("9223372036854775807", 2**63 - 1, str(2**63 - 1)),
    ("18446744073709551615::UBIGINT", 2**64 - 1, str(2**64 - 1)),
    ("(-170141183460469231731687303715884105728)::HUGEINT", -(2**127), str(-(2**127))),
    ("340282366920938463463374607431768211455::UHUGEINT", 2**128 - 1, str(2**128 - 1)),
    ("1.50::DECIMAL(10, 2)", 1.5, "1.50"),
    ("0.1::DOUBLE", 0.1, "0.1"),
    ("1e300::DOUBLE", 1e300, "1e+300"),
    ("1.5::FLOAT", 1.5, "1.5"),
    ("'NaN'::DOUBLE", "NaN", "NaN"),
    ("'inf'::DOUBLE", "Infinity", "Infinity"),
    ("'-inf'::FLOAT", "-Infinity", "-Infinity"),
    ("''", "", '""'),
    ("'a\"b\\,' || chr(10) || 'ü'", 'a"b\\,\nü', '"a""b\\,\nü"'),
    (
        "TIMESTAMP_NS '2026-01-02 03:04:05.123456789'",
        "2026-01-02T03:04:05.123456789Z",
        "2026-01-02T03:04:05.123456789Z",
    ),
    (
        "TIMESTAMP_NS '1960-01-02 03:04:05.000000001'",
        "1960-01-02T03:04:05.000000001Z",
        "1960-01-02T03:04:05.000000001Z",
    ),
    (
        "TIMESTAMP '2026-01-02 03:04:05.5'",
        "2026-01-02T03:04:05.500000000Z",
        "2026-01-02T03:04:05.500000000Z",
    ),
    (
        "TIMESTAMPTZ '2026-01-02 03:04:05+02'",
        "2026-01-02T01:04:05.000000000Z",
        "2026-01-02T01:04:05.000000000Z",
    ),
    ("TIMESTAMP 'infinity'", "infinity", "infinity"),
    ("DATE '2026-01-02'", "2026-01-02", "2026-01-02"),
    ("TIME '03:04:05'", "03:04:05", "03:04:05"),
    ("INTERVAL 90 MINUTE", "01:30:00", "01:30:00"),
    ("'\\xAA\\x00'::BLOB", "qgA=", "qgA="),
    ("'101'::BIT", "101", "101"),
    ("'a'::ENUM('a', 'b')", "a", "a"),
    (
        "'00000000-0000-0000-0000-000000000001'::UUID",
        "00000000-0000-0000-0000-000000000001",
        "00000000-0000-0000-0000-000000000001",
    ),
    ("""'{"a":[1,2.50,null,"x"]}'::JSON""", {"a": [1, 2.5, None, "x"]}, ""),
    ("'\"text\"'::JSON", "text", ""),
    ("""'{"info":"inf, NaN ,]"}'::JSON""", {"info": "inf, NaN ,]"}, ""),
    ("'[NaN]'::JSON", "[NaN]", ""),
    ("'[1,]'::JSON", "[1,]", ""),
    ("[1, NULL, 3]", [1, None, 3], '"[1,null,3]"'),
    ("[]::INT[]", [], "[]"),
    ("NULL::INT[]", None, ""),
    ("[[1.5, 'nan'::DOUBLE], []]", [[1.5, "NaN"], []], ""),
    ("[1, 2]::INT[2]", [1, 2], '"[1,2]"'),
    ("{'a b': 1, 'c': ['x', NULL]}", {"a b": 1, "c": ["x", None]}, ""),
    (
        "{'t': [{'u': TIMESTAMP_NS '2026-01-01'}]}",
        {"t": [{"u": "2026-01-01T00:00:00.000000000Z"}]},
        "",
    ),
    ("NULL::STRUCT(a INT)", None, ""),
    ("row(1, 'x')", None, ""),
    ("map {'a': 1, 'b': NULL}", {"a": 1, "b": None}, ""),
    ("map {1: [true]}", {"1": [True]}, '"{""1"":[true]}"'),
    ("union_value(n := 1)", {"n": 1}, "1"),
    ("'x'::VARIANT", "x", "x"),
]
IDS = [sql for sql, _, _ in VALUES]


@pytest.mark.parametrize(("sql", "expected", "_text"), VALUES, ids=IDS)
def test_json_values(
    service: QueryService, data: FakeSource, sql: str, expected: Any, _text: str
) -> None:
    if sql.startswith("row("):
        pytest.skip("its members have no names")
    found = value(service, f"SELECT {sql}")
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(("sql", "_value", "expected"), VALUES, ids=IDS)
def test_csv_values(
    service: QueryService, data: FakeSource, sql: str, _value: Any, expected: str
) -> None:
    with service.run(SqlQuery(f"SELECT {sql} AS v, 1 AS one", format="csv")) as found:
        text = found.read().decode()
        assert found.media_type == "text/csv; charset=utf-8"
    assert text.startswith("v,one\r\n")
    assert text.endswith(",1\r\n")
    if expected or sql == "NULL":
        assert text.removeprefix("v,one\r\n").removesuffix(",1\r\n") == expected
    assert len(list(csv.reader(io.StringIO(text)))) == 2


def test_csv_has_a_header_line_of_the_columns_names(
    service: QueryService, data: FakeSource
) -> None:
    with service.run(SqlQuery('SELECT 1 AS "a,b", 2 AS "a,b" WHERE false', format="csv")) as found:
        assert found.read() == b'"a,b","a,b"\r\n'


def test_rows_keep_their_order_over_many_batches(service: QueryService, data: FakeSource) -> None:
    sql = "SELECT range AS n FROM range(100000) ORDER BY range DESC"
    document = answer(service, f"SELECT n FROM ({sql}) WHERE n % 100 = 0 ORDER BY n DESC")
    assert [row[0] for row in document["rows"]] == list(range(99900, -1, -100))


@pytest.mark.parametrize(
    "sql", ["SELECT 1 AS a WHERE false", "SELECT 1 AS a, 2 AS a", "FROM spans"]
)
@pytest.mark.parametrize("form", ["arrow", "parquet"])
def test_columns_for_programs(service: QueryService, data: FakeSource, sql: str, form: Any) -> None:
    document = answer(service, sql)
    with service.run(SqlQuery(sql, format=form)) as found:
        read = _read(form, found.read())
        assert found.row_count == read.num_rows == document["row_count"]
    assert read.column_names == [column["name"] for column in document["columns"]]


@pytest.mark.parametrize("form", ["arrow", "parquet"])
def test_types_for_programs(service: QueryService, data: FakeSource, form: Any) -> None:
    sql = """SELECT 1::BIGINT AS i, 1::UBIGINT AS u, sum(1) AS h, 1.5::DOUBLE AS d, 'x' AS s,
        TIMESTAMP_NS '2026-01-01 00:00:00.000000001' AS t, [1::BIGINT] AS l, '{"a":1}'::JSON AS j,
        {'a': 1::HUGEINT} AS st, INTERVAL 1 DAY AS iv, NULL AS n, uuid() AS id, '101'::BIT AS b,
        map {'a': 1::HUGEINT} AS m, 'x'::ENUM('x') AS e"""
    with service.run(SqlQuery(sql, format=form)) as found:
        read = _read(form, found.read())
    schema = {field.name: field.type for field in read.schema}
    decimal = pa.decimal128(38, 0)
    assert schema["i"] == pa.int64()
    assert schema["u"] == pa.uint64()
    assert schema["h"] == decimal
    assert schema["d"] == pa.float64()
    assert schema["t"] == pa.timestamp("ns")
    assert schema["l"].value_type == pa.int64()
    assert schema["st"].field("a").type == decimal
    assert schema["m"].item_type == decimal
    assert {schema[name] for name in ("s", "j", "iv", "n", "id", "b", "e")} == {pa.string()}
    assert read["t"].cast(pa.int64())[0].as_py() % 1_000 == 1
    assert read["j"][0].as_py() == '{"a":1}'


def _read(form: str, content: bytes) -> pa.Table:
    if form == "parquet":
        return pq.ParquetFile(io.BytesIO(content)).read()
    return pa.ipc.open_stream(content).read_all()


def test_a_table_for_terminals(service: QueryService, data: FakeSource) -> None:
    sql = "SELECT 'a' AS name, 1 AS n UNION ALL SELECT NULL, 20 UNION ALL SELECT 'x\ny', 3"
    with service.run(SqlQuery(sql, format="table")) as found:
        *table, last = found.read().decode().splitlines()
    assert table == [
        "┌──────┬────┐",
        "│ name │ n  │",
        "├──────┼────┤",
        "│ a    │  1 │",
        "│ NULL │ 20 │",
        "│ x\\ny │  3 │",
        "└──────┴────┘",
    ]
    assert last.startswith("(3 rows, ")


@pytest.mark.parametrize("sql", ["EXPLAIN SELECT 1", "SHOW TABLES", "DESCRIBE spans", "VALUES (1)"])
@pytest.mark.parametrize("form", ["json", "csv", "table", "arrow", "parquet"])
def test_statements_that_are_no_select(
    service: QueryService, data: FakeSource, sql: str, form: Any
) -> None:
    with service.run(SqlQuery(sql, format=form)) as found:
        assert found.row_count >= 1
        assert found.read()


def test_an_answer_is_read_in_parts_and_closed(service: QueryService, data: FakeSource) -> None:
    found = service.run(SqlQuery("SELECT 'abc'", format="csv"))
    whole = found.read()
    assert found.size_bytes == len(whole)
    assert found.read(2, 3) + found.read(5, 100) == whole[2:]
    found.close()
    found.close()
    with pytest.raises(ValueError, match="closed"):
        found.read()


def test_texts_of_every_kind_survive(service: QueryService, data: FakeSource) -> None:
    texts = ["\0", "\x1f\x7f", "\u2028", "𝄞", "'\"\\/", "a" * 100_000, " ", "\r\n"]
    assert rows(service, "SELECT unnest(?)", params=[texts]) == [[text] for text in texts]
    document = answer(service, 'SELECT 1 AS "\\"" \u2028\n"')
    assert document["columns"][0]["name"] == '\\" \u2028\n'
    json.dumps(document)


def test_columns_without_a_value_keep_their_places(service: QueryService) -> None:
    columns = "NULL AS a, 1 AS b, NULL::INT AS c, NULL::INT[] AS d, 'x' AS e, []::INT[] AS f"
    sql = f"SELECT {columns}, NULL AS g UNION ALL SELECT NULL, NULL, NULL, NULL, 'y', NULL, NULL"
    with service.run(SqlQuery(sql)) as found:
        assert json.loads(found.read())["rows"] == [
            [None, 1, None, None, "x", [], None],
            [None, None, None, None, "y", None, None],
        ]
    with service.run(SqlQuery(sql, format="csv")) as found:
        assert found.read() == b"a,b,c,d,e,f,g\r\n,1,,,x,[],\r\n,,,,y,,\r\n"
