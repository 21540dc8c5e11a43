"""A real Prometheus, built once or named by PROMETHEUS_BINARY, and run beside us."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from support.collector import free_address

FOLDER = Path(__file__).parents[1] / "acceptance" / "clients" / "prometheus"
_BUILT = FOLDER.parents[3] / "build" / "prometheus" / "prometheus"
_PROGRAM = "github.com/prometheus/prometheus/cmd/prometheus"
_FEATURES = (
    "exemplar-storage",
    "promql-experimental-functions",
    "promql-extended-range-selectors",
    "promql-binop-fill-modifiers",
    "promql-delayed-name-removal",
)


def binary() -> Path:
    """Built where it is neither named nor there; some minutes on two cores."""
    named = os.environ.get("PROMETHEUS_BINARY")
    if named:
        return Path(named)
    if not _BUILT.exists():
        go = shutil.which("go")
        if go is None:
            pytest.skip("no PROMETHEUS_BINARY, and no Go on this machine to build one with")
        _BUILT.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(FOLDER / "go.mod", _BUILT.parent)
        options = ["-mod=mod", "-tags", "remove_all_sd", "-o", str(_BUILT)]
        built = subprocess.run(
            [go, "build", *options, _PROGRAM],
            cwd=_BUILT.parent,
            capture_output=True,
            text=True,
            timeout=1800,
        )
        if built.returncode != 0:
            pytest.skip(f"Prometheus could not be built: {built.stderr[-300:]}")
    return _BUILT


@contextmanager
def prometheus(
    folder: Path, config: Path = FOLDER / "prometheus.yaml", *flags: str
) -> Iterator[str]:
    """The URL of a Prometheus over an empty folder, which takes OTLP and remote write."""
    address = free_address()
    folder.mkdir()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                binary(),
                f"--config.file={config}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address={address}",
                "--web.enable-otlp-receiver",
                "--web.enable-remote-write-receiver",
                f"--enable-feature={','.join(_FEATURES)}",
                *flags,
            ],
            stderr=log,
        )
    try:
        _await_ready(f"http://{address}", process)
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(30)


def _await_ready(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline_s = time.monotonic() + 60
    while time.monotonic() < deadline_s:
        assert process.poll() is None, "Prometheus ended while starting"
        try:
            if httpx.get(f"{url}/-/ready").status_code == 200:
                return
        except httpx.ConnectError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"Prometheus is not ready at {url}")
