"""A real OpenTelemetry Collector between an SDK and us."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support import sdk
from support.server import GoldeneyeProcess

HERE = Path(__file__).parent / "collector"
ROOT = HERE.parents[3]
BINARY = ROOT / "build" / "otelcol-forward" / "otelcol-forward"
BUILDER = "go.opentelemetry.io/collector/cmd/builder@v0.155.0"
pytestmark = [pytest.mark.foreign, pytest.mark.slow]


@pytest.fixture(scope="module")
def collector_binary() -> Path:
    """Built once; about a minute on two cores."""
    if not BINARY.exists():
        go = shutil.which("go")
        if go is None:
            pytest.skip("no Go on this machine to build a Collector with")
        # The builder makes only the last folder of its output path.
        BINARY.parent.parent.mkdir(exist_ok=True)
        built = subprocess.run(
            [go, "run", BUILDER, "--config", str(HERE / "builder.yaml")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=1200,
        )
        if built.returncode != 0:
            pytest.skip(f"the Collector could not be built: {built.stderr[-300:]}")
    return BINARY


@pytest.fixture
def agent(collector_binary: Path, goldeneye_server: GoldeneyeProcess) -> Iterator[str]:
    """The gRPC endpoint of a Collector that forwards to the server."""
    grpc, http = _free_address(), _free_address()
    environment = {
        "AGENT_GRPC": grpc,
        "AGENT_HTTP": http,
        "GOLDENEYE_OTLP_GRPC": goldeneye_server.grpc_endpoint,
        "GOLDENEYE_OTLP_HTTP": goldeneye_server.http_endpoint,
    }
    process = subprocess.Popen(
        [collector_binary, "--config", HERE / "forward.yaml"],
        env={**os.environ, **environment},
        stderr=subprocess.DEVNULL,
    )
    try:
        _await_listening(grpc, process)
        yield grpc
    finally:
        process.terminate()
        process.wait(30)


def _free_address() -> str:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


def _await_listening(address: str, process: "subprocess.Popen[bytes]") -> None:
    host, port = address.rsplit(":", 1)
    deadline_s = time.monotonic() + 60
    while time.monotonic() < deadline_s:
        assert process.poll() is None, "the Collector ended while starting"
        with closing(socket.socket()) as probe:
            if probe.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"the Collector does not listen on {address}")


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
