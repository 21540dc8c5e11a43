"""SIGTERM while somebody waits for an answer that takes too long, or sends too slowly."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx
from support.server import GoldeneyeProcess

ENDLESS = "WITH RECURSIVE t AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM t) SELECT count(*) FROM t"


def test_a_long_query_is_told_to_come_again_and_does_not_hold_up_the_stop(
    goldeneye_server: GoldeneyeProcess,
) -> None:
    url = f"{goldeneye_server.api_url}/api/v1/sql"
    with ThreadPoolExecutor() as threads:
        asked = threads.submit(httpx.post, url, json={"sql": ENDLESS}, timeout=60)
        workers = {"idle": -1, "alive": -1}
        while workers["idle"] == workers["alive"]:
            workers = goldeneye_server.get("/api/v1/status")["query"]["workers"]
        assert goldeneye_server.stop() == 0
        answer = asked.result()
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:goldeneye:problem:unavailable"
    assert "retry-after" in answer.headers


def test_who_sends_slowly_is_told_to_come_again(goldeneye_server: GoldeneyeProcess) -> None:
    """A 500 would make exporters drop what they send."""
    host, port = goldeneye_server.http_endpoint.removeprefix("http://").split(":")
    with closing(socket.create_connection((host, int(port)), timeout=60)) as sender:
        head = ["POST /v1/traces HTTP/1.1", f"Host: {host}", "Content-Type: application/json"]
        head += ["Content-Length: 100", "Expect: 100-continue", "", "{"]
        sender.sendall("\r\n".join(head).encode())
        assert sender.recv(1000).startswith(b"HTTP/1.1 100")
        assert goldeneye_server.stop() == 0
        answer = sender.recv(1000).lower()
    assert answer.startswith(b"http/1.1 503")
    assert b"retry-after: 1\r\n" in answer
