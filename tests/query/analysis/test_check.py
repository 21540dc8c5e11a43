"""Whatever is not one harmless query is refused; honest queries pass and run."""

# The lists read best with one statement a line, however long.
# ruff: noqa: E501

import duckdb
import pytest

from goldeneye.errors import QueryFailed, QueryRefused
from query.analysis.check import check
from query.analysis.functions import scalar_functions, table_functions

TABLES = ("spans", "logs", "metrics")
ATTACKS = r"""
INSERT INTO spans VALUES (1)
UPDATE spans SET name = 'x'
DELETE FROM spans
TRUNCATE spans
MERGE INTO spans USING logs ON true WHEN MATCHED THEN DELETE
CREATE TABLE x AS SELECT 1
CREATE OR REPLACE VIEW spans AS SELECT 1
CREATE TEMP MACRO f(x) AS x
CREATE SECRET s (TYPE s3)
DROP VIEW spans
ALTER TABLE spans ADD COLUMN x INT
COPY spans TO 'x.parquet'
COPY (SELECT 1) TO '/tmp/x.csv'
COPY spans FROM 'x.parquet'
ATTACH 'x.db'
DETACH memory
USE memory
SET threads = 1
SET VARIABLE x = 1
RESET threads
PRAGMA version
PRAGMA table_info('spans')
CALL pragma_version()
CALL enable_logging()
INSTALL httpfs
LOAD httpfs
EXPORT DATABASE '/tmp/x'
IMPORT DATABASE '/tmp/x'
PREPARE p AS SELECT 1
EXECUTE p
DEALLOCATE p
BEGIN TRANSACTION
COMMIT
ROLLBACK
CHECKPOINT
VACUUM
ANALYZE
COMMENT ON VIEW spans IS 'x'
SELECT 1; SELECT 2
SELECT 1; DROP VIEW spans
SELECT 1;; COPY spans TO 'x'
;
-- nothing
/* nothing */
EXPLAIN COPY spans TO 'x'
EXPLAIN ANALYZE COPY spans TO 'x'
EXPLAIN ANALYZE INSERT INTO spans VALUES (1)
EXPLAIN (FORMAT json) COPY spans TO 'x'
EXPLAIN ANALYZE SELECT * FROM 'x.parquet'
/* /* */ EXPLAIN SELECT 1 */ COPY spans TO 'x'
WITH x AS (INSERT INTO spans VALUES (1) RETURNING *) SELECT * FROM x
WITH x AS (DELETE FROM spans RETURNING *) SELECT * FROM x
WITH x AS (UPDATE spans SET name = 'x' RETURNING *) SELECT * FROM x
SELECT * FROM (WITH x AS (DELETE FROM spans RETURNING *) SELECT * FROM x)
SELECT (WITH x AS (INSERT INTO spans VALUES (1) RETURNING 1) SELECT * FROM x)
SELECT * FROM 'x.parquet'
SELECT * FROM "x.parquet"
SELECT * FROM '/etc/passwd'
SELECT * FROM "https://example.com/x.csv"
SELECT * FROM "s3://bucket/x.parquet"
FROM 'x.json'
TABLE 'x.csv'
DESCRIBE 'x.parquet'
SUMMARIZE 'x.parquet'
DESCRIBE TABLE 'x.parquet'
PIVOT 'x.parquet' ON a IN (1) USING count(*)
UNPIVOT 'x.parquet' ON a
SELECT 1 WHERE EXISTS (FROM 'x.parquet')
SELECT (SELECT a FROM 'x.csv')
SELECT * FROM spans WHERE name IN (FROM 'x.csv')
SELECT * FROM spans LIMIT (SELECT count(*) FROM 'x.csv')
SELECT * FROM spans ORDER BY (SELECT 1 FROM 'x.csv')
SELECT count(*) FILTER (WHERE EXISTS (FROM 'x.csv')) FROM spans
SELECT sum(1) OVER (ORDER BY (SELECT 1 FROM 'x.csv')) FROM spans
SELECT * FROM spans JOIN 'x.csv' ON true
SELECT * FROM spans JOIN logs ON (SELECT true FROM 'x.csv')
SELECT * FROM spans, LATERAL (FROM 'x.csv')
SELECT 1 UNION ALL FROM 'x.csv'
WITH "x.parquet" AS (FROM 'x.parquet') SELECT 1
WITH "x.parquet" AS (SELECT 1) SELECT * FROM main."x.parquet"
SELECT * FROM (WITH "x.parquet" AS (SELECT 1) FROM "x.parquet"), 'x.parquet'
WITH RECURSIVE "x.parquet" AS (FROM 'x.parquet' UNION ALL SELECT 1) SELECT 1
WITH RECURSIVE t AS (SELECT 1 UNION ALL FROM 'x.csv') SELECT 1
WITH "x.Parquet" AS (SELECT 1) SELECT * FROM "x.ſparquet"
WITH "\u212ax.csv" AS (SELECT 1) SELECT * FROM "kx.csv"
SELECT * FROM read_csv('x')
SELECT * FROM READ_CSV_AUTO('x')
SELECT * FROM read_parquet(['x'])
SELECT * FROM parquet_scan('x')
SELECT * FROM main.read_text('x')
SELECT * FROM system.main.read_blob('x')
SELECT * FROM "Read_Text"('x')
SELECT * FROM read_json('x')
SELECT * FROM read_ndjson_objects('x')
SELECT * FROM read_duckdb('x')
SELECT * FROM glob('*')
SELECT * FROM parquet_metadata('x')
SELECT * FROM parquet_schema('x')
SELECT * FROM sniff_csv('x')
SELECT * FROM query('SELECT 1')
SELECT * FROM query_table('x.parquet')
SELECT * FROM query_table(['spans'])
SELECT * FROM json_execute_serialized_sql('{}')
SELECT * FROM histogram('x.parquet', a)
SELECT * FROM histogram_values('x.parquet', a)
SELECT * FROM duckdb_secrets()
SELECT * FROM duckdb_settings()
SELECT * FROM duckdb_views()
SELECT * FROM duckdb_databases()
SELECT * FROM duckdb_extensions()
SELECT * FROM duckdb_variables()
SELECT * FROM duckdb_logs
SELECT * FROM duckdb_logs()
SELECT * FROM pragma_version()
SELECT * FROM pragma_table_info('spans')
SELECT * FROM enable_logging()
SELECT * FROM checkpoint()
SELECT * FROM truncate_duckdb_logs()
SELECT * FROM test_all_types()
SELECT * FROM which_secret('x', 's3')
SELECT * FROM arrow_scan(1, 2, 3)
SELECT * FROM python_map_function()
SELECT * FROM create_external_resource('x')
SELECT * FROM spans, LATERAL read_text(name)
SELECT * FROM seq_scan('x')
SELECT getenv('HOME')
SELECT GetEnv('HOME')
SELECT system.main.getenv('HOME')
SELECT 'HOME'.getenv()
SELECT name.getenv() FROM spans
SELECT name.upper().getenv() FROM spans
SELECT list_transform(['HOME'], lambda x: getenv(x))
SELECT ['HOME'].list_transform(x -> getenv(x))
SELECT [getenv(x) FOR x IN ['HOME']]
SELECT current_setting('threads')
SELECT current_setting(name) FROM spans
SELECT {'a': current_setting('threads')}
SELECT CASE WHEN true THEN current_setting('threads') END
SELECT count(*) FROM spans GROUP BY current_setting('threads')
SELECT count(*) FROM spans HAVING current_setting('threads') = '1'
SELECT name FROM spans QUALIFY current_setting('threads') = '1'
SELECT DISTINCT ON (current_setting('threads')) name FROM spans
SELECT * REPLACE (current_setting('threads') AS name) FROM spans
SELECT COLUMNS(c -> current_setting('threads') = c) FROM spans
SELECT * FROM range(current_setting('threads')::INT)
SELECT unnest([current_setting('threads')])
SELECT sum(1) OVER (PARTITION BY current_setting('threads')) FROM spans
VALUES (current_setting('threads'))
SELECT getvariable('x')
SELECT write_log('x')
SELECT nextval('s')
SELECT currval('s')
SELECT setseed(0.5)
SELECT sleep_ms(100000)
SELECT pg_sleep(1000)
SELECT txid_current()
SELECT pg_get_viewdef(1)
SELECT json_serialize_plan('SELECT 1')
SELECT json_serialize_sql('SELECT 1')
SELECT index_key({'table': 'x'}, 'x')
SELECT finalize(x) FROM spans
SELECT __internal_decompress_string(1)
SELECT "->"(1, 2)
SELECT a_function_that_does_not_exist_yet(1)
SELECT * FROM information_schema.views
SELECT * FROM pg_catalog.pg_views
SELECT * FROM sqlite_master
SELECT * FROM duckdb_views
SELECT * FROM other.main.spans
SELECT * FROM other.spans
SELECT * FROM secret_table
SHOW DATABASES
SHOW VARIABLES
PIVOT spans ON kind
FROM (PIVOT spans ON kind)
""".strip().splitlines()
HONEST = r"""
SELECT 1
SELECT 1;
  -- a comment\nSELECT /* another */ 1
SELECT service_name, count(*) FROM spans GROUP BY 1 ORDER BY 2 DESC
select * from SPANS where NAME = 'x' limit 10 offset 5
FROM spans
FROM main.spans SELECT name
TABLE spans
VALUES (1), (2)
SELECT * FROM (VALUES (1, 'a')) AS t(x, y)
SELECT attributes->>'http.route', attributes->'a'->>'b', attributes['c'] FROM spans
SELECT json_extract_string(attributes, '$.a') FROM spans
WITH a AS (SELECT 1 AS x), b AS (SELECT x FROM a) SELECT * FROM b
WITH "x.parquet" AS (SELECT 1) SELECT * FROM "X.PARQUET"
WITH a AS MATERIALIZED (FROM spans) SELECT count(*) FROM a
WITH spans AS (SELECT * FROM spans) SELECT count(*) FROM spans
WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT * FROM t
SELECT * FROM (WITH a AS (SELECT 1) FROM a)
SELECT 1 UNION SELECT 2 EXCEPT SELECT 3 INTERSECT SELECT 4
SELECT name FROM spans UNION ALL BY NAME SELECT name FROM logs
SELECT * FROM spans s JOIN logs l USING (trace_id)
SELECT * FROM spans SEMI JOIN logs USING (trace_id)
SELECT * FROM spans s LEFT JOIN logs l ON s.trace_id = l.trace_id AND l.name IS NOT NULL
SELECT * FROM spans s ASOF JOIN logs l ON s.time >= l.time
SELECT * FROM spans s, LATERAL (SELECT count(*) FROM logs WHERE trace_id = s.trace_id) c
SELECT * FROM spans POSITIONAL JOIN logs
SELECT name FROM spans WHERE EXISTS (SELECT 1 FROM logs WHERE logs.trace_id = spans.trace_id)
SELECT name FROM spans WHERE trace_id IN (SELECT trace_id FROM logs)
SELECT name FROM spans WHERE time > (now() - INTERVAL 1 HOUR)::TIMESTAMP AND time < current_localtimestamp()
SELECT name FROM spans WHERE time BETWEEN TIMESTAMP '2026-01-01' AND '2026-01-02'::TIMESTAMP
SELECT name FROM spans WHERE name LIKE 'a%' AND name ILIKE '%b' AND name NOT SIMILAR TO 'c'
SELECT name FROM spans WHERE name = ? AND time > $2
SELECT name FROM spans WHERE name = $name
SELECT quantile_cont(time, 0.99), approx_quantile(time, 0.5), median(time) FROM spans
SELECT count(*) FILTER (WHERE name = 'x'), count(DISTINCT name) FROM spans
SELECT string_agg(name, ',' ORDER BY time), first(name), arg_max(name, time) FROM spans
SELECT row_number() OVER (PARTITION BY name ORDER BY time), lag(name) OVER w FROM spans WINDOW w AS (ORDER BY time)
SELECT sum(1) OVER (ORDER BY time ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM spans
SELECT name FROM spans QUALIFY rank() OVER (ORDER BY time) = 1
SELECT DISTINCT ON (name) name, time FROM spans ORDER BY name, time
SELECT name, count(*) FROM spans GROUP BY GROUPING SETS ((name), ())
SELECT name, trace_id, grouping(name) FROM spans GROUP BY CUBE (name, trace_id)
SELECT name, count(*) FROM spans GROUP BY ALL HAVING count(*) > 1 ORDER BY ALL
SELECT * EXCLUDE (name) REPLACE (1 AS time) FROM spans
SELECT COLUMNS('t.*') FROM spans
SELECT list_transform([1, 2], lambda x: x + 1), [x * 2 FOR x IN [1, 2] IF x > 1]
SELECT [1, 2].list_sum(), name.upper().lower() FROM spans
SELECT {'a': 1, 'b': [1, 2]}.b[1], MAP {'k': 1}['k'], ROW(1, 2)
SELECT CAST('1' AS INT), TRY_CAST('x' AS INT), TRY(1), '1'::DECIMAL(10, 2), x'00'
SELECT CASE name WHEN 'a' THEN 1 ELSE 2 END, coalesce(name, 'x'), nullif(name, ''), if(true, 1, 2) FROM spans
SELECT date_trunc('hour', time), time_bucket(INTERVAL 5 MINUTE, time), extract(hour FROM time), epoch_ns(time), strftime(time, '%H') FROM spans
SELECT time AT TIME ZONE 'UTC', time::DATE, time + INTERVAL '1 day' FROM spans
SELECT substring(name FROM 1 FOR 2), trim(BOTH 'x' FROM name), position('a' IN name), name || 'x' FROM spans
SELECT name COLLATE nocase, name ~ 'a.*', regexp_matches(name, 'a'), regexp_extract(name, '(a)', 1) FROM spans
SELECT unnest([1, 2]), unnest(range(3)), generate_series(1, 3)
SELECT * FROM range(10) t(i), generate_series(1, 2) g(j)
SELECT e FROM spans, unnest(list) AS u(e)
SELECT * FROM spans, json_each(attributes)
SELECT * FROM json_tree('{"a": 1}')
SELECT json_object('a', 1), to_json(name), json_keys(attributes), attributes.a FROM spans
SELECT greatest(1, 2), round(1.5), abs(-1), 1 // 2, 5 % 3, 2 ** 3, -1, 1 & 2, NOT true, 1 = 1, 1 <> 2
SELECT current_date, current_timestamp, now(), current_schema, version(), user
SELECT uuid(), random(), hash(1), md5('x'), sha256('x')
PIVOT spans ON name IN ('a', 'b') USING count(*) GROUP BY trace_id
SELECT * FROM spans PIVOT (count(*) FOR name IN ('a'))
UNPIVOT (SELECT 1 AS a, 2 AS b) ON a, b
DESCRIBE spans
DESCRIBE SELECT * FROM spans
SUMMARIZE spans
SHOW TABLES
SHOW ALL TABLES
SELECT * FROM (DESCRIBE spans)
SELECT * FROM (SHOW TABLES)
EXPLAIN SELECT * FROM spans
EXPLAIN ANALYZE SELECT count(*) FROM spans
-- why\nexplain /* x */ FROM spans
SELECT * FROM information_schema.tables
SELECT column_name FROM information_schema.columns WHERE table_name = 'spans'
SELECT table_name FROM duckdb_columns()
SELECT * FROM spans TABLESAMPLE 10%
SELECT * FROM spans USING SAMPLE 5 ROWS
SELECT * FROM spans LIMIT 10%
SELECT (SELECT max(time) FROM spans), ARRAY(SELECT name FROM spans)
SELECT 'DROP TABLE x; --', "name" FROM spans
SELECT name AS "INSERT INTO" FROM spans
""".strip().splitlines()


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for table in TABLES:
        connection.execute(
            f"CREATE VIEW {table} AS SELECT 'n' AS name, 't' AS trace_id, 's' AS service_name, "
            "TIMESTAMP_NS '2026-01-01' AS time, [1] AS list, '{\"a\": {\"b\": 1}}'::JSON AS attributes"
        )
    return connection


@pytest.mark.parametrize("sql", ATTACKS)
def test_refuses(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    with pytest.raises(QueryRefused):
        check(connection, sql.encode().decode("unicode_escape") if "\\u" in sql else sql, TABLES)


@pytest.mark.parametrize("sql", HONEST)
def test_lets_honest_queries_pass(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    check(connection, sql.replace("\\n", "\n"), TABLES)


@pytest.mark.parametrize("sql", [sql for sql in HONEST if "?" not in sql and "$name" not in sql])
def test_honest_queries_are_honest(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    connection.sql(sql.replace("\\n", "\n")).to_arrow_table()


def test_names_place_and_reason(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(QueryRefused, match=r"read_csv.* at line 2, column 6: it reads files"):
        check(
            connection,
            "SELECT 'é',\n     read_csv('x')\n" and "SELECT 'é'\nFROM read_csv('x')",
            TABLES,
        )


def test_names_the_tables_that_there_are(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(QueryRefused, match=r"no table span at line 1.*: logs, metrics, spans"):
        check(connection, "SELECT * FROM span", TABLES)


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "SELEC 1",
        "SELECT (",
        "SELECT\0 1",
        "SELECT \ud800",
        "EXPLAIN EXPLAIN SELECT 1",
        "/* /* */ EXPLAIN SELECT '*/ COPY spans TO ''x'' --'",
    ],
)
def test_text_that_is_no_query(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    with pytest.raises((QueryFailed, QueryRefused)):
        check(connection, sql, TABLES)


def test_depth_is_refused_not_crashed_on(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises((QueryFailed, QueryRefused)):
        check(connection, "SELECT " + "1 + " * 2_000 + "1", TABLES)


def test_every_function_of_the_installed_duckdb_is_classified(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = connection.execute(
        "SELECT DISTINCT function_name, function_type LIKE 'table%' FROM duckdb_functions() "
        "WHERE function_type <> 'pragma'"
    ).fetchall()
    unknown = [
        name
        for name, is_table in rows
        if "not among"
        in ((table_functions if is_table else scalar_functions)().refusal(name) or "")
    ]
    assert unknown == []


def test_nothing_is_both_allowed_and_refused() -> None:
    for functions in (scalar_functions(), table_functions()):
        assert not {name.encode() for name in functions.refused} & functions.allowed
