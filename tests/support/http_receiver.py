"""A receiver of notifications over HTTP, on loopback, that writes down what it gets."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from support.certificates import Pair


@dataclass(frozen=True)
class Taken:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What is answered."""

    status: int = 200
    body: bytes | str = b""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, content: object, status: int = 200) -> "Reply":
        return cls(status, json.dumps(content), {"Content-Type": "application/json"})


Answering = Callable[[Taken], Reply]


@dataclass
class HttpReceiver:
    """`answering` may be replaced between requests."""

    url: str
    answering: Answering
    requests: list[Taken] = field(default_factory=list)

    def paths(self) -> list[str]:
        return [f"{taken.method} {taken.path}" for taken in self.requests]


def in_turn(*replies: Reply) -> Answering:
    """The last one again and again."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


@contextmanager
def http_receiver(
    answering: Answering = lambda _: Reply(),
    pair: Pair | None = None,
    client_ca: object = None,
) -> Iterator[HttpReceiver]:
    """With `pair` it speaks TLS; with `client_ca` it wants certificates of its clients."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    scheme = "http"
    if pair is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(pair.cert_file, pair.key_file)
        if client_ca is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(str(client_ca))
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        scheme = "https"
    receiver = HttpReceiver(f"{scheme}://127.0.0.1:{server.server_port}", answering)
    server.receiver = receiver  # type: ignore[attr-defined]
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def _take(self) -> None:
        receiver: HttpReceiver = self.server.receiver  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        taken = Taken(self.command, self.path, headers, body)
        receiver.requests.append(taken)
        reply = receiver.answering(taken)
        content = reply.body.encode() if isinstance(reply.body, str) else reply.body
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_PUT = do_GET = do_CONNECT = _take  # noqa: N815

    def log_message(self, *_: object) -> None:
        return
