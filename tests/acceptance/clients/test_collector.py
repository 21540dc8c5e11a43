"""A real OpenTelemetry Collector between an SDK and us."""

import time
from collections.abc import Iterator

import pytest
from support import sdk
from support.collector import collecting
from support.server import GoldeneyeProcess

pytestmark = [pytest.mark.foreign, pytest.mark.slow]


@pytest.fixture
def agent(goldeneye_server: GoldeneyeProcess) -> Iterator[str]:
    """The gRPC endpoint of a Collector that forwards to the server."""
    environment = {
        "GOLDENEYE_OTLP_GRPC": goldeneye_server.grpc_endpoint,
        "GOLDENEYE_OTLP_HTTP": goldeneye_server.http_endpoint,
    }
    with collecting("forward.yaml", environment) as endpoint:
        yield endpoint


def test_what_passes_through_a_collector_is_read_back_equal(
    agent: str, goldeneye_server: GoldeneyeProcess
) -> None:
    sdk.send("grpc", agent)
    _await_counts(goldeneye_server, {"spans": 2, "logs": len(sdk.BODIES), "metrics": 5})
    sdk.check(goldeneye_server)


def _await_counts(server: GoldeneyeProcess, expected: dict[str, int]) -> None:
    """The Collector acknowledges before it forwards; it gives no event to wait for."""
    deadline_s = time.monotonic() + 30
    found: dict[str, int] = {}
    while time.monotonic() < deadline_s:
        found = {
            table: server.sql(f"SELECT count(*) AS n FROM {table}")[0]["n"] for table in expected
        }
        if found == expected:
            return
        time.sleep(0.1)
    raise AssertionError(f"{found} arrived in 30 s, not {expected}")
