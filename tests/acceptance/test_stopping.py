"""SIGTERM while somebody waits for an answer that takes too long."""

from concurrent.futures import ThreadPoolExecutor

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
