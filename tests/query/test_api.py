"""POST /api/v1/sql over a real socket."""

import io
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.serving import serving
from support.snapshots import HOUR_NS, PROMOTED, START_NS, FakeSource

from goldeneye.clock import ManualClock
from goldeneye.limits import MAX_QUERY_BODY_BYTES, MIB
from query.service import QueryService
from query.settings import QuerySettings

SLOW = (
    "SELECT count(*) FROM range(1000000000) WHERE regexp_matches(repeat('a', 1000) || range, 'b')"
)


@pytest.fixture(scope="module")
def client(service: QueryService) -> Iterator[httpx.Client]:
    with serving(service, timeout_s=30) as client:
        yield client


def post(client: httpx.Client, sql: str, accept: str = "*/*", **more: Any) -> httpx.Response:
    return client.post("/api/v1/sql", json={"sql": sql, **more}, headers={"Accept": accept})


def test_json(client: httpx.Client, data: FakeSource) -> None:
    data.add_file("spans", [{}])
    answer = post(client, "SELECT name, start_time FROM spans WHERE name = ?", params=["GET /"])
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    document = answer.json()
    assert document.pop("elapsed_ms") > 0
    assert document == {
        "columns": [
            {"name": "name", "type": "VARCHAR"},
            {"name": "start_time", "type": "TIMESTAMP_NS"},
        ],
        "rows": [["GET /", "2026-01-01T00:00:00.000000000Z"]],
        "row_count": 1,
        "truncated": False,
        "files_read": 1,
        "missing_files": [],
    }


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/html, text/csv;q=0.5", "text/csv; charset=utf-8"),
        ("text/csv;q=0.1, application/json", "application/json"),
        ("application/vnd.apache.arrow.stream", "application/vnd.apache.arrow.stream"),
        ("application/vnd.apache.parquet", "application/vnd.apache.parquet"),
        ("text/plain", "text/plain; charset=utf-8"),
    ],
)
def test_the_form_is_what_accept_asks_for(
    client: httpx.Client, data: FakeSource, accept: str, media_type: str
) -> None:
    answer = post(client, "SELECT 42 AS n", accept)
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    content = answer.content
    assert int(answer.headers["content-length"]) == len(content)
    if "arrow" in media_type:
        assert pa.ipc.open_stream(content).read_all().to_pylist() == [{"n": 42}]
    elif "parquet" in media_type:
        assert pq.read_table(io.BytesIO(content)).to_pylist() == [{"n": 42}]
    elif "json" in media_type:
        assert answer.json()["rows"] == [[42]]
    else:
        assert "42" in answer.text


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        (None, None, 3),
        ("2026-01-01T01:00:00Z", None, 2),
        ("2026-01-01T02:00:00+01:00", "2026-01-01T02:00:00Z", 1),
        (START_NS // 10**9 + 3600, None, 2),
        (f"{START_NS // 10**9}.5", None, 2),
        ("now-1h", "now", 0),
        (None, "now+90m", 2),
    ],
)
def test_times(client: httpx.Client, data: FakeSource, start: Any, end: Any, count: int) -> None:
    data.add_file("spans", [{"start_time": START_NS + hour * HOUR_NS} for hour in range(3)])
    answer = post(client, "SELECT count(*) FROM spans", start=start, end=end)
    assert answer.json()["rows"] == [[count]]


@pytest.mark.parametrize(
    ("body", "status", "kind", "words"),
    [
        ({"sql": "SELEC 1"}, 422, "query-failed", "SELEC"),
        ({"sql": "SELECT x"}, 422, "query-failed", '"x"'),
        ({"sql": "DROP TABLE spans"}, 400, "query-refused", "DROP"),
        ({"sql": "FROM read_text('/etc/passwd')"}, 400, "query-refused", "read_text"),
        ({}, 400, "invalid-request", "sql"),
        ({"sql": 1}, 400, "invalid-request", "sql"),
        ({"sql": "SELECT 1", "parms": []}, 400, "invalid-request", "parms"),
        ({"sql": "SELECT 1", "start": "yesterday"}, 400, "invalid-request", "start: 'yesterday'"),
        ({"sql": "SELECT 1", "start": True}, 400, "invalid-request", "start"),
        ({"sql": "SELECT 1", "start": 2, "end": 1}, 400, "invalid-request", "not before end"),
        ([], 400, "invalid-request", ""),
    ],
)
def test_errors_are_problem_documents(
    client: httpx.Client, data: FakeSource, body: Any, status: int, kind: str, words: str
) -> None:
    answer = client.post("/api/v1/sql", json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["type"] == f"urn:goldeneye:problem:{kind}"
    assert document["status"] == status
    assert document["title"]
    assert words in document["detail"]


def test_a_body_that_is_no_json(client: httpx.Client, data: FakeSource) -> None:
    answer = client.post("/api/v1/sql", content=b'{"sql": ')
    assert (answer.status_code, answer.json()["status"]) == (400, 400)


def test_a_body_that_is_too_large(client: httpx.Client, data: FakeSource) -> None:
    answer = client.post("/api/v1/sql", content=b" " * (MAX_QUERY_BODY_BYTES + 1))
    assert (answer.status_code, answer.json()["status"]) == (413, 413)


def test_accept_that_cannot_be_met(client: httpx.Client, data: FakeSource) -> None:
    answer = post(client, "SELECT 1", "image/png")
    assert answer.status_code == 400
    assert "text/csv" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/api/v1/sql", 405), ("GET", "/nowhere", 404)]
)
def test_wrong_routes(client: httpx.Client, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_deadline_over_http_while_others_are_served(tmp_path: Path) -> None:
    settings = QuerySettings(tmp_path, 256 * MIB, 2, 1.0, 10, 1)
    service = QueryService(settings, PROMOTED, FakeSource(tmp_path), ManualClock())
    try:
        with serving(service, timeout_s=30) as client, ThreadPoolExecutor() as threads:
            slow = threads.submit(post, client, SLOW)
            while not slow.done():
                began_s = time.monotonic()
                assert client.get("/healthz").status_code == 200
                assert time.monotonic() - began_s < 0.5
            answer = slow.result()
            assert answer.status_code == 422
            assert answer.json()["type"] == "urn:goldeneye:problem:query-over-budget"
            assert "query.timeout_s" in answer.json()["detail"]
    finally:
        service.close()


def test_a_client_that_goes_away_ends_its_query(tmp_path: Path) -> None:
    settings = QuerySettings(tmp_path, 256 * MIB, 2, 60.0, 10, 1)
    service = QueryService(settings, PROMOTED, FakeSource(tmp_path), ManualClock())
    body = json.dumps({"sql": SLOW}).encode()
    head = f"POST /api/v1/sql HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    try:
        with serving(service, timeout_s=30) as client:
            address = (client.base_url.host, client.base_url.port)
            with socket.create_connection(address) as connection:
                connection.sendall(head.encode() + body)
                while service.status()["workers"]["idle"]:
                    pass
            # The one worker was killed, or this would wait a minute.
            assert post(client, "SELECT 1").json()["rows"] == [[1]]
    finally:
        service.close()


def test_openapi_describes_the_route(client: httpx.Client) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/api/v1/sql"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert set(schema["properties"]) == {"sql", "params", "start", "end"}
    assert "text/csv" in operation["responses"]["200"]["content"]


def test_openapi_says_what_errors_are(client: httpx.Client) -> None:
    """Of no route what the framework would answer by itself."""
    paths = client.get("/openapi.json").json()["paths"]
    operations = [one for methods in paths.values() for one in methods.values()]
    assert not any(
        "HTTPValidationError" in str(one["responses"].get("422", "")) for one in operations
    )
    traces = paths["/api/v1/traces"]["get"]["responses"]
    assert list(traces["4XX"]["content"]) == ["application/problem+json"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_life_signs_without_a_body(client: httpx.Client, path: str) -> None:
    assert client.head(path).status_code == 200


@pytest.mark.parametrize("accept", ["application/json", "text/csv", "text/plain"])
def test_an_answer_that_lacks_rows_says_so(
    client: httpx.Client, data: FakeSource, accept: str
) -> None:
    data.add_file("spans", [{}])
    assert "goldeneye-missing-files" not in post(client, "FROM spans", accept).headers
    gone = [data.add_file("spans", [{}]).path for _ in range(22)]
    for path in gone:
        Path(path).unlink()
    answer = post(client, "SELECT count(*) FROM spans", accept)
    assert answer.status_code == 200
    said = answer.headers["goldeneye-missing-files"]
    assert said == ", ".join(Path(path).name for path in gone[:20]) + " and 2 more"
    if accept == "application/json":
        assert answer.json()["missing_files"] == gone


def test_a_damaged_file_is_a_problem_that_names_it(client: httpx.Client, data: FakeSource) -> None:
    bad = data.add_file("spans", [{}]).path
    Path(bad).write_bytes(b"PAR1")
    answer = post(client, "FROM spans")
    document = answer.json()
    assert (answer.status_code, "retry-after" in answer.headers) == (422, False)
    assert document["type"] == "urn:goldeneye:problem:damaged-file"
    assert document["files"] == [bad]
    assert bad in document["detail"]
