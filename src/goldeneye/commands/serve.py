"""`goldeneye serve`: run until SIGTERM or SIGINT."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import structlog
import uvloop

from goldeneye import allocator, interpreter
from goldeneye.config import Config
from goldeneye.errors import GoldeneyeError
from goldeneye.server import Server

log = structlog.get_logger(__name__)
_SYNC_WORDS = {
    "group": "fsync before every acknowledgement",
    "interval": "fsync at intervals: a power cut can lose what was acknowledged since the last",
    "none": "no fsync: a power cut can lose what was acknowledged",
}


def serve(config: Config) -> int:
    """Run the server; 0 after a clean stop. Where a part fails to stop, the process ends with 1.

    Raises StartupError or ConfigurationError where it cannot start.
    """
    allocator.keep_little()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(config))


async def _serve(config: Config) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    server = Server(config)
    await server.start()
    reloading = Reloading(server)
    loop.add_signal_handler(signal.SIGHUP, reloading.begin)
    interpreter.settle()
    announce(server)
    await stopping.wait()
    log.info("stopping: no new requests; answering those in flight, then flushing")
    loop.remove_signal_handler(signal.SIGHUP)
    clean = await server.stop()
    log.info("stopped", clean=clean)
    if not clean:
        # What did not stop may hold a thread that would be waited for; nothing acknowledged needs
        # it, for that is in the write-ahead log.
        sys.stderr.flush()
        os._exit(1)
    return 0


class Reloading:
    """What SIGHUP does, one after the other."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._tasks = set[asyncio.Task[None]]()
        self._lock = asyncio.Lock()

    def begin(self) -> None:
        task = asyncio.get_running_loop().create_task(self._reload())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reload(self) -> None:
        async with self._lock:
            # A fault is logged where it is found; the old configuration goes on.
            with suppress(GoldeneyeError):
                await asyncio.to_thread(self._server.reload)


def announce(server: Server) -> None:
    """A few plain lines: what listens where, where data goes, decoder and durability."""
    status, listeners = server.status(), server.listeners()
    security = status["security"]
    scheme = {name: "http" if tls == "none" else "https" for name, tls in security["tls"].items()}
    lines = [f"Goldeneye {status['version']}"]
    lines += [f"  OTLP gRPC  {listeners['grpc']}"] if listeners["grpc"] else []
    lines += [f"  OTLP HTTP  {scheme['http']}://{listeners['http']}"] if listeners["http"] else []
    lines += [
        f"  API        {scheme['api']}://{listeners['api']}",
        *([f"  gRPC API   {listeners['query_grpc']}"] if listeners["query_grpc"] else []),
        f"  access     {_access_words(security)}",
        f"  data       {server.config.data_dir.absolute()}",
        f"  decoder    {_decoder_words(str(status['decoder']))}",
        f"  alerting   {_alerting_words(status['alerting'])}",
        f"  WAL        {server.config.wal.sync}: {_SYNC_WORDS[server.config.wal.sync]}",
    ]
    lines += [f"  WARNING    {warning}" for warning in security["warnings"]]
    print("\n".join(lines), file=sys.stderr, flush=True)


def _access_words(security: Mapping[str, Any]) -> str:
    tokens = security["tokens"]
    tls = ", ".join(f"{name} {word}" for name, word in security["tls"].items() if word != "none")
    who = "open: no tokens are asked for" if tokens is None else f"tokens: {tokens}"
    return f"{who}; TLS: {tls or 'none'}"


def _alerting_words(alerting: Mapping[str, Any]) -> str:
    counts = f"rules: {alerting['rules']}, SLOs: {alerting['slos']}"
    if not alerting["notifies"]:
        return f"{counts}; nobody is told (alerting.alertmanager_config)"
    return f"{counts}; receivers: {', '.join(alerting['receivers'])}"


def _decoder_words(name: str) -> str:
    if name == "slow":
        return "SLOW: the native core is not installed; expect a twentieth of its speed"
    return name
