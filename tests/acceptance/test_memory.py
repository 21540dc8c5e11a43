"""What is made to take much memory takes no more than is said in docs/benchmarks.md."""

from pathlib import Path

import httpx
import pytest
from support.heavy_requests import HEAVY, PEAK_MAX_MIB
from support.requests import spans
from support.server import GoldeneyeProcess, running

# What issues of other servers are about; `make test-all` has all the cases.
QUICK = {
    "a zstd bomb of 512 MiB",
    "200,000 empty spans in 400 kB",
}
CASES = [pytest.param(name, marks=[] if name in QUICK else [pytest.mark.slow]) for name in HEAVY]


@pytest.mark.parametrize("name", CASES)
def test_memory_stays_under_the_bound(tmp_path: Path, name: str) -> None:
    with running(tmp_path / "data", GOLDENEYE_WAL__SEGMENT_MAX_AGE_S="1") as server:
        answers = HEAVY[name].send(server.http_endpoint)
        assert set(answers) <= HEAVY[name].statuses
        server.flushed()
        assert server.peak_memory_bytes() <= PEAK_MAX_MIB << 20
        _check_that_it_serves(server)


def _check_that_it_serves(server: GoldeneyeProcess) -> None:
    before = server.sql("SELECT count(*) AS n FROM spans")[0]["n"]
    with httpx.Client(base_url=server.http_endpoint) as client:
        headers = {"Content-Type": "application/x-protobuf"}
        assert client.post("/v1/traces", content=spans(3), headers=headers).status_code == 200
    assert server.sql("SELECT count(*) AS n FROM spans")[0]["n"] == before + 3
