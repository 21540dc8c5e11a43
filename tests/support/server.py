"""The real process, started from outside as a user would."""

import contextlib
import json
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0
# A segment closes after ten seconds.
FLUSH_TIMEOUT_S = 90.0


class GoldeneyeProcess:
    """One `goldeneye serve` on free loopback ports over `data_dir`.

    The system chooses the ports at the first start; they are read from what the server announces,
    and stay the same when it is started again.
    """

    def __init__(
        self,
        data_dir: Path,
        environment: Mapping[str, str] | None = None,
        log_file: Path | None = None,
        python: str = sys.executable,
        program: Sequence[str] = ("-m", "goldeneye"),
    ) -> None:
        self.data_dir = data_dir
        self._command = (python, *program)
        self._environment = dict(environment or {})
        self.log_file = log_file or data_dir.parent / f"{data_dir.name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.grpc_endpoint = self.http_endpoint = self.api_url = self.query_endpoint = ""
        # What `get` and `sql` show and trust, where the server asks for it.
        self.token: str | None = None
        self.ca_file: Path | None = None

    def start(self) -> "GoldeneyeProcess":
        """Start and wait until it accepts telemetry."""
        offset = self.log_file.stat().st_size if self.log_file.exists() else 0
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._command, "serve", "--data-dir", str(self.data_dir)],
                env={**os.environ, **self._ports(), **self._environment},
                stderr=log,
                stdout=log,
            )
        self._await_announcement(offset)
        return self

    def _ports(self) -> dict[str, str]:
        free = "127.0.0.1:0"
        return {
            "GOLDENEYE_RECEIVER__GRPC__ENDPOINT": self.grpc_endpoint or free,
            "GOLDENEYE_RECEIVER__HTTP__ENDPOINT": self.http_endpoint.rpartition("/")[2] or free,
            "GOLDENEYE_API__ENDPOINT": self.api_url.rpartition("/")[2] or free,
            "GOLDENEYE_QUERY__GRPC__ENDPOINT": self.query_endpoint or free,
        }

    def _await_announcement(self, offset: int) -> None:
        deadline_s = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline_s:
            text = self.log_file.read_bytes()[offset:].decode()
            found = dict(
                line.split(None, 1)
                for line in text.replace("OTLP ", "OTLP-")
                .replace("gRPC API", "gRPC-API")
                .splitlines()
                if line.startswith(("  OTLP-", "  API ", "  gRPC-API ", "  WAL "))
            )
            if "WAL" in found:
                self.grpc_endpoint = found.get("OTLP-gRPC", " ").split(" ")[-1]
                self.http_endpoint = found.get("OTLP-HTTP", " ").split(" ")[-1]
                self.api_url = found["API"]
                self.query_endpoint = found.get("gRPC-API", "")
                return
            if self.process.poll() is not None:
                raise RuntimeError(f"goldeneye ended with {self.process.returncode}:\n{text}")
            time.sleep(0.01)
        raise RuntimeError(f"goldeneye did not announce itself in {START_TIMEOUT_S} s")

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None, "not started"
        return self._process

    def kill(self) -> None:
        """SIGKILL: no clean-up of any kind."""
        self.process.kill()
        self.process.wait(STOP_TIMEOUT_S)

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_TIMEOUT_S)

    def peak_memory_bytes(self) -> int:
        """The most that was resident at once, of the server itself (Linux)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if "VmHWM" in line)

    def flushed(self) -> None:
        """Wait until all that was taken is in files."""
        deadline_s = time.monotonic() + FLUSH_TIMEOUT_S
        while self.get("/api/v1/status")["storage"]["wal"]["unflushed_segments"]:
            if time.monotonic() > deadline_s:
                raise RuntimeError(f"not everything was in files after {FLUSH_TIMEOUT_S} s")
            time.sleep(0.1)

    def restart(self) -> None:
        self.stop()
        self.start()

    def get(self, path: str) -> Any:
        """The JSON answer of a GET."""
        with self._open(urllib.request.Request(self.api_url + path)) as answer:
            return json.load(answer)

    def _open(self, request: urllib.request.Request) -> Any:
        if self.token is not None:
            request.add_header("Authorization", f"Bearer {self.token}")
        trust = None if self.ca_file is None else ssl.create_default_context(cafile=self.ca_file)
        return urllib.request.urlopen(request, timeout=60, context=trust)

    def sql(
        self, query: str, params: Sequence[Any] | Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """The rows of a query, each a dict by column name."""
        body: dict[str, Any] = {"sql": query} | ({} if params is None else {"params": params})
        request = urllib.request.Request(
            f"{self.api_url}/api/v1/sql",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        try:
            with self._open(request) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{error.code}: {error.read().decode()}") from error
        names = [column["name"] for column in answer["columns"]]
        return [dict(zip(names, row, strict=True)) for row in answer["rows"]]


@contextlib.contextmanager
def running(data_dir: Path, **environment: str) -> Iterator[GoldeneyeProcess]:
    """A server until the block ends; then SIGTERM, and SIGKILL where that does not help."""
    server = GoldeneyeProcess(data_dir, environment).start()
    try:
        yield server
    finally:
        try:
            server.stop()
        except subprocess.TimeoutExpired:
            server.kill()
            raise
