"""The whole application on a free port, in an event loop of its own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from goldeneye import api
from goldeneye.http_server import HttpServer
from query.api import routers
from query.service import QueryService


@contextmanager
def serving(service: QueryService, timeout_s: float = 60.0) -> Iterator[httpx.Client]:
    """A client that waits `timeout_s` for an answer; the service stays the caller's."""
    loop = asyncio.new_event_loop()
    app = api.app(lambda: {"query": service.status()}, lambda: None, routers(service))
    server = HttpServer(app, "127.0.0.1:0", "tests", "none")
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(20)
    try:
        with httpx.Client(base_url=f"http://{server.address}", timeout=timeout_s) as client:
            yield client
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(10), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
