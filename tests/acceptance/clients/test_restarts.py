"""Clients that send while the server is killed and started again: no numbered item is missing.

Their retries may send an item twice; none may be lost.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from support.collector import collecting
from support.numbered import ITEMS_PER_REQUEST, STORED, Writer
from support.server import GoldeneyeProcess

HERE = Path(__file__).parent
TESTS = HERE.parents[1]
WRITER = "restarts"
COUNT = 300
# So that the clients still have most of it before them when the first items are stored.
PAUSE_S = "0.015"
TIMEOUT_S = 120.0
pytestmark = pytest.mark.slow


def _stored(server: GoldeneyeProcess, signal: str, writer: str) -> set[int]:
    return {row["number"] for row in server.sql(STORED[signal], {"writer": writer})}


def _kill_in_the_middle(server: GoldeneyeProcess, writer: str) -> None:
    """Kill it as soon as some items are there, and start it again."""
    deadline_s = time.monotonic() + TIMEOUT_S
    while not (found := _stored(server, "traces", writer)):
        assert time.monotonic() < deadline_s, "nothing arrives"
    assert len(found) < COUNT, "it is no restart in the middle"
    server.kill()
    server.start()


def _survive(server: GoldeneyeProcess, command: Sequence[str | Path], cwd: Path = HERE) -> None:
    """Run the client, with a restart; all items are there when it has ended."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(TESTS),
        "OTEL_EXPORTER_OTLP_ENDPOINT": server.http_endpoint,
    }
    with subprocess.Popen(command, cwd=cwd, env=environment) as client:
        try:
            _kill_in_the_middle(server, WRITER)
            assert client.wait(TIMEOUT_S) == 0
        finally:
            client.kill()
    for signal in STORED:
        assert set(range(COUNT)) - _stored(server, signal, WRITER) == set(), signal


def _endpoint(server: GoldeneyeProcess, protocol: str) -> str:
    return server.grpc_endpoint if protocol == "grpc" else server.http_endpoint


@pytest.mark.parametrize("protocol", ["grpc", "http/protobuf"])
def test_the_python_sdk(protocol: str, goldeneye_server: GoldeneyeProcess) -> None:
    program = HERE / "python" / "numbered.py"
    endpoint = _endpoint(goldeneye_server, protocol)
    command = [sys.executable, program, protocol, endpoint, WRITER, str(COUNT), PAUSE_S]
    _survive(goldeneye_server, command)


@pytest.mark.foreign
@pytest.mark.skipif(shutil.which("node") is None, reason="no Node on this machine")
def test_the_javascript_sdk(javascript_client: Path, goldeneye_server: GoldeneyeProcess) -> None:
    command = ["node", "numbered.mjs", WRITER, str(COUNT), PAUSE_S]
    _survive(goldeneye_server, command, javascript_client)


@pytest.mark.foreign
def test_the_go_sdk(go_client: Path, goldeneye_server: GoldeneyeProcess) -> None:
    endpoint = goldeneye_server.grpc_endpoint
    _survive(goldeneye_server, [go_client, endpoint, WRITER, str(COUNT), PAUSE_S])


@pytest.mark.foreign
@pytest.mark.parametrize("exporter", ["otlp/grpc", "otlphttp/gzip", "otlphttp/json"])
def test_the_collector(exporter: str, goldeneye_server: GoldeneyeProcess) -> None:
    server = goldeneye_server
    environment = {
        "EXPORTER": exporter,
        "GOLDENEYE_OTLP_GRPC": server.grpc_endpoint,
        "GOLDENEYE_OTLP_HTTP": server.http_endpoint,
    }
    writers = [Writer(signal, "grpc") for signal in STORED]
    with collecting("durable.yaml", environment) as agent:
        before, after = 3, 12
        _send(writers, agent, before)
        _kill_in_the_middle(server, "traces-grpc")
        _send(writers, agent, after)
        _await_all(server, writers, (before + after) * ITEMS_PER_REQUEST)


def _send(writers: list[Writer], agent: str, requests: int) -> None:
    for writer in writers:
        writer.send_to_grpc(agent, requests)


def _await_all(server: GoldeneyeProcess, writers: list[Writer], count: int) -> None:
    """The Collector has acknowledged before it forwards; it gives no event to wait for."""
    deadline_s = time.monotonic() + TIMEOUT_S
    missing = {writer.name: set(range(count)) for writer in writers}
    while any(missing.values()):
        assert time.monotonic() < deadline_s, f"these are missing: {missing}"
        time.sleep(0.1)
        for writer in writers:
            missing[writer.name] -= _stored(server, writer.signal, writer.name)
