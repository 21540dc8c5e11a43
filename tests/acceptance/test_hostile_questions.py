"""Questions that would end or rob a careless server, asked of the real process over HTTP."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from support.server import GoldeneyeProcess, running

TIMEOUT_S = 2
MEMORY_MIB = 256
SECRET = "the-secret-of-the-environment"
BOMBS = {
    "unnest": "SELECT unnest(range(1000000000))",
    "lpad": "SELECT lpad('x', 2000000000, 'y')",
    "recursion": (
        "WITH RECURSIVE t AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM t) SELECT count(*) FROM t"
    ),
    "cross join": (
        "SELECT count(*) FROM range(10000000) AS a, range(10000000) AS b WHERE hash(a, b) = 0"
    ),
}
THEFTS = [
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM read_csv('http://{address}/healthz')",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET memory_limit = '100GB'",
    "ATTACH '{data}/catalog.sqlite'",
    "COPY (SELECT 1) TO '{data}/stolen'",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{data}/stolen'",
    "PRAGMA database_list",
    "CALL enable_logging(storage = 'stdout')",
    "SELECT getenv('STOLEN')",
    "SELECT * FROM read_blob('/proc/self/environ')",
    "SELECT * FROM duckdb_secrets()",
    "CREATE SECRET s (TYPE s3, KEY_ID 'x', SECRET 'y')",
    "DROP TABLE spans",
    "SELECT 1; SELECT 2",
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoldeneyeProcess]:
    data_dir = tmp_path_factory.mktemp("hostile") / "data"
    limits = {
        "GOLDENEYE_QUERY__TIMEOUT_S": str(TIMEOUT_S),
        "GOLDENEYE_QUERY__MEMORY_LIMIT_MIB": str(MEMORY_MIB),
    }
    with running(data_dir, STOLEN=SECRET, **limits) as server:
        ask(server, "SELECT 1")
        yield server


def ask(server: GoldeneyeProcess, sql: str) -> httpx.Response:
    return httpx.post(f"{server.api_url}/api/v1/sql", json={"sql": sql}, timeout=30)


def resident_mib(server: GoldeneyeProcess) -> float:
    pages = int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 2**20


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_ends_at_its_limits_and_the_server_goes_on(
    server: GoldeneyeProcess, bomb: str
) -> None:
    before_mib = resident_mib(server)
    began_s = time.monotonic()
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(ask, server, BOMBS[bomb])
        while not asked.done():
            assert httpx.get(f"{server.api_url}/healthz", timeout=2).status_code == 200
        answer = asked.result()
    # Beside the deadline's: the wait for a worker, which is as long at most.
    assert time.monotonic() - began_s < 2 * TIMEOUT_S + 2
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:goldeneye:problem:query-over-budget"
    assert "query.timeout_s" in answer.text or "query.memory_limit_mib" in answer.text
    assert resident_mib(server) - before_mib < 32
    assert until_answered(server, "SELECT 42 AS n") == [[42]]


def until_answered(server: GoldeneyeProcess, sql: str) -> list[list[int]]:
    """The rows; a worker that was ended takes a moment to be replaced."""
    deadline_s = time.monotonic() + 20
    while (answer := ask(server, sql)).status_code == 503:
        assert time.monotonic() < deadline_s
    rows: list[list[int]] = answer.json()["rows"]
    return rows


@pytest.mark.parametrize("theft", THEFTS)
def test_a_theft_is_refused_and_leaves_nothing(server: GoldeneyeProcess, theft: str) -> None:
    address = server.api_url.removeprefix("http://")
    before = sorted(server.data_dir.rglob("*"))
    answer = ask(server, theft.format(data=server.data_dir, address=address))
    assert answer.status_code in (400, 422)
    kind = answer.json()["type"].rpartition(":")[2]
    assert kind in ("query-refused", "query-failed")
    assert SECRET not in answer.text
    assert "root:" not in answer.text
    assert sorted(server.data_dir.rglob("*")) == before
