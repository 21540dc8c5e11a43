"""Attacks: through the service, and with the analysis left out, so that the sandbox is alone."""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.snapshots import PROMOTED, FakeSource
from support.sql import value

from goldeneye.clock import ManualClock
from goldeneye.errors import GoldeneyeError, QueryFailed, QueryOverBudget, QueryRefused
from goldeneye.limits import MIB
from query.memory_file import memory_file
from query.service import QueryService, SqlQuery
from query.settings import QuerySettings
from query.worker_process import Late, WorkerDied, WorkerProcess

MEMORY_BYTES = 256 * MIB
SECRET = "a secret of the server's"


@pytest.fixture(scope="module")
def listener() -> Iterator[socket.socket]:
    """A server that nobody may reach."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server


@pytest.fixture(scope="module")
def places(
    source: FakeSource, tmp_path_factory: pytest.TempPathFactory, listener: socket.socket
) -> dict[str, str]:
    """What an attack's text may name."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.txt").write_text(SECRET)
    source.add_file("spans", [{}])
    return {
        "inside": str(source.data_dir / "files"),
        "data": str(source.data_dir),
        "outside": str(outside),
        "secret": str(outside / "secret.txt"),
        "address": f"127.0.0.1:{listener.getsockname()[1]}",
    }


ATTACKS = {
    "file": [
        "SELECT * FROM read_text('{secret}')",
        "SELECT * FROM '{secret}'",
        "SELECT * FROM read_csv('{secret}')",
        "SELECT * FROM read_blob('/proc/self/environ')",
        "SELECT * FROM read_text('{inside}/../../outside0/secret.txt')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_parquet('{inside}/*.parquet')",
        "SELECT * FROM '{inside}/1.parquet'",
        "SELECT * FROM sniff_csv('{secret}')",
        "SELECT (SELECT content FROM read_text('{secret}'))",
        "WITH x AS (FROM read_text('{secret}')) FROM x",
        "SELECT * FROM query('FROM read_text(''{secret}'')')",
        "SELECT * FROM query_table('{secret}')",
        "IMPORT DATABASE '{outside}'",
        "EXPORT DATABASE '{outside}/export'",
    ],
    "network": [
        "SELECT * FROM read_csv('http://{address}/x.csv')",
        "SELECT * FROM 'https://{address}/x.parquet'",
        "ATTACH 'http://{address}/x.db'",
        "SELECT * FROM read_parquet('s3://bucket/x.parquet')",
    ],
    "extension": [
        "INSTALL httpfs",
        "INSTALL httpfs FROM 'http://{address}'",
        "LOAD httpfs",
        "LOAD '{secret}'",
        "FORCE INSTALL spatial",
        "UPDATE EXTENSIONS",
    ],
    "SET": [
        "SET memory_limit = '100GB'",
        "SET GLOBAL threads = 64",
        "SET lock_configuration = false",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "RESET memory_limit",
        "SET VARIABLE spans_0 = ['{secret}']",
        "SET TimeZone = 'Europe/Berlin'",
    ],
    "ATTACH": [
        "ATTACH '{outside}/new.db'",
        "ATTACH '{inside}/new.db'",
        "ATTACH '{secret}' (READ_ONLY)",
        "USE memory",
        "DETACH memory",
    ],
    "COPY": [
        "COPY (SELECT 1) TO '{outside}/stolen.csv'",
        "COPY (SELECT 1) TO '{inside}/1.parquet'",
        "COPY spans TO '{inside}/new.parquet'",
        "COPY (SELECT 1 AS a, 2 AS p) TO '{inside}' (FORMAT parquet, PARTITION_BY p, OVERWRITE)",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '{inside}/new.parquet'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '{outside}/stolen.csv'",
        "EXPLAIN COPY (SELECT 1) TO '{outside}/stolen.csv'",
        "WITH x AS (COPY (SELECT 1) TO '{outside}/stolen.csv') FROM x",
        "SELECT 1; COPY (SELECT 1) TO '{outside}/stolen.csv'",
    ],
    "PRAGMA": [
        "PRAGMA database_list",
        "PRAGMA enable_profiling",
        "PRAGMA profile_output = '{outside}/profile.json'",
        "CALL pragma_database_size()",
        "SELECT * FROM pragma_storage_info('spans')",
    ],
    "logging": [
        "FROM enable_logging(storage = 'file', storage_config = {{'path': '{outside}/l'}})",
        "CALL enable_logging(storage = 'stdout')",
        "SET enable_logging = true",
        "SET log_query_path = '{outside}/log'",
        "SELECT * FROM duckdb_logs()",
        "CALL truncate_duckdb_logs()",
    ],
    "environment": [
        "SELECT getenv('HOME')",
        "SELECT current_setting('secret_directory')",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM duckdb_views()",
        "SELECT * FROM duckdb_temporary_files()",
        "SELECT getvariable('spans_0')",
        "SELECT * FROM sqlite_master",
        "SELECT pg_catalog.pg_get_viewdef(0)",
    ],
    "secrets": [
        "CREATE SECRET s (TYPE s3, KEY_ID 'x', SECRET 'y')",
        "CREATE PERSISTENT SECRET s (TYPE s3, KEY_ID 'x', SECRET 'y')",
        "SELECT * FROM duckdb_secrets()",
        "FROM which_secret('s3://x', 's3')",
        "DROP SECRET s",
    ],
}
ALL_ATTACKS = [sql for attacks in ATTACKS.values() for sql in attacks]


@pytest.mark.parametrize("attack", ALL_ATTACKS)
def test_the_service_refuses(service: QueryService, places: dict[str, str], attack: str) -> None:
    before = contents(places)
    with pytest.raises((QueryRefused, QueryFailed)) as failure:
        service.run(SqlQuery(attack.format(**places)))
    assert SECRET not in str(failure.value)
    assert contents(places) == before
    assert value(service, "SELECT count(*) FROM spans") == 1


@pytest.fixture(scope="module")
def unchecked(source: FakeSource) -> Iterator[WorkerProcess]:
    settings = QuerySettings(source.data_dir, MEMORY_BYTES, 2, 5.0, 1_000, 1)
    worker = WorkerProcess(settings, PROMOTED, unchecked=True)
    yield worker
    worker.kill()
    worker.reap()


def ask_unchecked(worker: WorkerProcess, sql: str) -> tuple[dict[str, object], bytes]:
    """The worker's reply and the answer, for SQL that nobody has looked at."""
    query = {"sql": sql, "params": "null", "start_ns": None, "end_ns": None, "now_ns": 0}
    deadline_s = time.monotonic() + 20
    worker.ask({**query, "format": "json", "max_rows": 1_000}, deadline_s=deadline_s)
    fd = memory_file("answer")
    try:
        job = {"tables": {}, "files_read": 0, "missing_files": []}
        reply = worker.ask(job, [fd], deadline_s=deadline_s)
        return reply, os.pread(fd, 1_000_000, 0)
    finally:
        os.close(fd)


# Without the analysis these read the tables' own files, or what is no secret.
HARMLESS = (
    "read_parquet('{inside}",
    "'{inside}/1.parquet'",
    "database_list",
    "current_setting",
    "duckdb_settings",
    "duckdb_views",
    "getvariable",
)


@pytest.mark.parametrize("attack", ALL_ATTACKS)
def test_the_sandbox_alone_holds(
    unchecked: WorkerProcess, places: dict[str, str], listener: socket.socket, attack: str
) -> None:
    if "landlock" not in unchecked.protection:
        pytest.skip(unchecked.protection)
    before = contents(places)
    reply, answer = ask_unchecked(unchecked, attack.format(**places))
    assert SECRET not in f"{reply}{answer.decode(errors='replace')}"
    assert contents(places) == before
    with pytest.raises(BlockingIOError):
        listener.accept()
    assert ask_unchecked(unchecked, "SELECT 1")[0]["row_count"] == 1


def test_the_sandbox_alone_keeps_its_settings(unchecked: WorkerProcess) -> None:
    for attack in ATTACKS["SET"][:5]:
        assert ask_unchecked(unchecked, attack)[0]["error"]
    sql = "SELECT current_setting('lock_configuration'), current_setting('memory_limit')"
    _, answer = ask_unchecked(unchecked, sql)
    assert b'"rows":[[true,"256.0 MiB"]]' in answer


def contents(places: dict[str, str]) -> dict[str, bytes]:
    """All files that an attack could have changed or made."""
    return {
        str(path): path.read_bytes()
        for folder in (places["data"], places["outside"])
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file()
    }


NESTED = "(" * 5_000 + "1" + ")" * 5_000
BOMBS = {
    "unnest": "SELECT unnest(range(1000000000))",
    "list": "SELECT len(range(1000000000))",
    "lpad": "SELECT lpad('x', 2000000000, 'y')",
    "repeat": "SELECT repeat('x', 2000000000)",
    "repeats": "SELECT string_agg(repeat('x', 1000000), '') FROM range(1000000)",
    "recursion": (
        "WITH RECURSIVE t AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM t) SELECT count(*) FROM t"
    ),
    "growing recursion": (
        "WITH RECURSIVE t AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM t, range(10)) "
        "SELECT count(*) FROM t"
    ),
    "cross join": "SELECT count(*) FROM range(9999999) a, range(9999999) b WHERE a.range < b.range",
    "cross join sorted": "SELECT * FROM range(100000) a, range(100000) b ORDER BY hash(a, b)",
    "group": "SELECT range, count(*) FROM range(1000000000) GROUP BY 1",
    "distinct": "SELECT count(DISTINCT hash(range)) FROM range(1000000000)",
    "window": "SELECT sum(range) OVER (ORDER BY hash(range)) FROM range(100000000)",
    "wide answer": "SELECT repeat('x', 100000000) FROM range(100)",
    "regexp": "SELECT count(*) FROM range(1000000000) "
    "WHERE regexp_matches(repeat('a', 1000) || range, '(a+)+b')",
    "regexp size": "SELECT regexp_matches('x', repeat('(a?){1000}', 1000))",
    "parentheses": f"SELECT {NESTED}",
    "minus": "SELECT " + "- " * 100_000 + "1",
    "sum": "SELECT " + "1 + " * 200_000 + "1",
    "not": "SELECT " + "NOT " * 100_000 + "true",
    "brackets": "SELECT " + "[" * 50_000 + "]" * 50_000,
    "subqueries": "SELECT " * 1 + "(SELECT " * 5_000 + "1" + ")" * 5_000,
    "from": "FROM " + "(FROM " * 5_000 + "spans" + ")" * 5_000,
    "union": " UNION ALL ".join(["SELECT 1"] * 20_000),
    "ctes": "WITH c0 AS (SELECT 1), "
    + ", ".join(f"c{n} AS (FROM c{n - 1}, c{n - 1} AS d)" for n in range(1, 60))
    + " SELECT count(*) FROM c59",
    "literal": "SELECT '" + "x" * 900_000 + "'",
    "number": "SELECT " + "9" * 900_000,
    "json": "SELECT '" + "[" * 400_000 + "]" * 400_000 + "'::JSON",
    "case": "SELECT " + "CASE WHEN true THEN " * 20_000 + "1" + " END" * 20_000,
    "factorial": "SELECT list_reduce(range(100000000), lambda a, b: a + b)",
    "histogram": "SELECT histogram(range) FROM range(100000000)",
    "json group": "SELECT json_group_array(range) FROM range(1000000000)",
    "gcd": "SELECT max(levenshtein(repeat('a', 100000), repeat('b', 100000)))",
    "printf": "SELECT printf('%2000000000d', 1)",
    "format": "SELECT format('{:2000000000}', 1)",
    "bar": "SELECT bar(1, 0, 1, 2000000000)",
    "array": "SELECT [1]::INT[100000][100000]",
    "time series": "SELECT unnest(generate_series(TIMESTAMP '1970-01-01', TIMESTAMP '2200-01-01', "
    "INTERVAL 1 MICROSECOND))",
}


@pytest.fixture(scope="module")
def bombed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueryService]:
    data_dir = tmp_path_factory.mktemp("bombed")
    settings = QuerySettings(data_dir, MEMORY_BYTES, 2, 1.0, 1_000, 2)
    service = QueryService(settings, PROMOTED, FakeSource(data_dir), ManualClock())
    yield service
    service.close()


def rss_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_end_and_leave_the_server_untouched(bombed: QueryService, bomb: str) -> None:
    before_bytes = rss_bytes()
    began_s = time.monotonic()
    with contextlib.suppress(QueryOverBudget, QueryFailed, QueryRefused):
        bombed.run(SqlQuery(BOMBS[bomb])).close()
    # Of these, a second is the deadline's; the wait for a worker before it is bounded likewise.
    assert time.monotonic() - began_s < 4
    assert rss_bytes() - before_bytes < 16 * MIB
    # Workers may both be new ones by now, which take longer to start than the wait for them is.
    for _ in range(10):
        with contextlib.suppress(GoldeneyeError):
            assert value(bombed, "SELECT 1") == 1
            return
    pytest.fail("no worker came back")


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueryService]:
    """Its deadline is far enough for the memory's limit to come first on a slow machine."""
    data_dir = tmp_path_factory.mktemp("patient")
    settings = QuerySettings(data_dir, MEMORY_BYTES, 2, 60.0, 1_000, 1)
    service = QueryService(settings, PROMOTED, FakeSource(data_dir), ManualClock())
    yield service
    service.close()


@pytest.mark.parametrize("bomb", ["unnest", "list", "wide answer"])
def test_the_memorys_limit_is_named(patient: QueryService, bomb: str) -> None:
    with pytest.raises(QueryOverBudget, match=r"query\.memory_limit_mib"):
        patient.run(SqlQuery(BOMBS[bomb]))


@pytest.mark.parametrize("bomb", ["regexp", "time series"])
def test_the_times_limit_is_named(bombed: QueryService, bomb: str) -> None:
    for attempt in range(3):  # a wait for a new worker is no answer
        try:
            with pytest.raises(QueryOverBudget, match=r"query\.timeout_s"):
                bombed.run(SqlQuery(BOMBS[bomb]))
            return
        except GoldeneyeError:
            assert attempt < 2


def test_a_worker_dies_with_its_server(source: FakeSource) -> None:
    """Here the thread that started it: what the kernel watches."""
    settings = QuerySettings(source.data_dir, MEMORY_BYTES, 1, 5.0, 1_000, 1)
    started: list[WorkerProcess] = []
    thread = threading.Thread(target=lambda: started.append(WorkerProcess(settings, PROMOTED)))
    thread.start()
    thread.join()
    worker = started[0]
    endless = BOMBS["cross join"]
    with pytest.raises(WorkerDied, match="SIGKILL"):
        ask_unchecked(worker, endless)
    worker.reap()


def test_a_worker_ignores_signals_and_has_no_environment(source: FakeSource) -> None:
    settings = QuerySettings(source.data_dir, MEMORY_BYTES, 1, 5.0, 1_000, 1)
    worker = WorkerProcess(settings, PROMOTED, unchecked=True)
    try:
        os.kill(worker.pid, 2)
        os.kill(worker.pid, 15)
        assert ask_unchecked(worker, "SELECT 1")[0]["row_count"] == 1
        environment = Path(f"/proc/{worker.pid}/environ").read_bytes()
        assert b"HOME" not in environment
        assert b"PATH" not in environment
        open_files = {os.readlink(f) for f in Path(f"/proc/{worker.pid}/fd").iterdir()}
        assert all(
            name.startswith(("socket:", "/dev/null", "/memfd:goldeneye", "/proc/"))
            for name in open_files
        ), open_files
    finally:
        worker.kill()
        worker.reap()


def test_a_worker_that_hangs_is_late(source: FakeSource) -> None:
    settings = QuerySettings(source.data_dir, MEMORY_BYTES, 1, 5.0, 1_000, 1)
    worker = WorkerProcess(settings, PROMOTED, unchecked=True)
    try:
        with pytest.raises(Late):
            worker.ask({"sql": "x"}, deadline_s=time.monotonic() - 1)
    finally:
        worker.kill()
        worker.reap()
