"""A real OpenTelemetry Collector, built once and run beside us."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "acceptance" / "clients" / "collector"
ROOT = FOLDER.parents[3]
_BUILDER = "go.opentelemetry.io/collector/cmd/builder@v0.155.0"


def binary(name: str = "otelcol-forward", builder: str = "builder.yaml") -> Path:
    """Built where it is not there; a minute on two cores, some for the one that scrapes."""
    built_here = ROOT / "build" / name / name
    if not built_here.exists():
        go = shutil.which("go")
        if go is None:
            pytest.skip("no Go on this machine to build a Collector with")
        # The builder makes only the last folder of its output path.
        built_here.parent.parent.mkdir(exist_ok=True)
        built = subprocess.run(
            [go, "run", _BUILDER, "--config", str(FOLDER / builder)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=1200,
        )
        if built.returncode != 0:
            pytest.skip(f"the Collector could not be built: {built.stderr[-300:]}")
    return built_here


@contextmanager
def collecting(config: str, environment: Mapping[str, str]) -> Iterator[str]:
    """The gRPC endpoint of a Collector until the block ends."""
    grpc, http = free_address(), free_address()
    process = subprocess.Popen(
        [binary(), "--config", FOLDER / config],
        env={**os.environ, "AGENT_GRPC": grpc, "AGENT_HTTP": http, **environment},
        stderr=subprocess.DEVNULL,
    )
    try:
        _await_listening(grpc, process)
        yield grpc
    finally:
        process.terminate()
        process.wait(30)


def free_address() -> str:
    """A loopback address that nobody listens on just now."""
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
