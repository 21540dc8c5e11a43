"""The whole server as clients meet it: both OTLP ports to send to, and SQL to read back."""

import re
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import grpc
import httpx
import pytest
from google.protobuf import json_format
from google.rpc import status_pb2
from support.http2 import Answer, call
from support.otlp_server import TIMEOUT_S, method
from support.requests import RESPONSES
from support.server import GoldeneyeProcess

from goldeneye.schemas import Signal

PROTOBUF: Final = "application/x-protobuf"
JSON: Final = "application/json"
# Whose pages may send, where any may.
ORIGIN: Final = "https://shop.example.com"
_HTTP_SIGNAL: Final[Mapping[str, Signal]] = {
    "/v1/traces": "traces",
    "/v1/metrics": "metrics",
    "/v1/logs": "logs",
}


class Live:
    """A client of one server; `rows` are those that came since `mark`."""

    def __init__(self, server: GoldeneyeProcess) -> None:
        self.server = server
        self.client = httpx.Client(base_url=server.http_endpoint, timeout=TIMEOUT_S)
        self.channel = self.new_channel()
        self._since_ns = 0

    def mark(self) -> None:
        """Forget what was stored before."""
        self._since_ns = time.time_ns()

    def close(self) -> None:
        self.channel.close()
        self.client.close()

    @property
    def http_address(self) -> tuple[str, int]:
        host, _, port = self.server.http_endpoint.removeprefix("http://").rpartition(":")
        return host, int(port)

    def new_channel(self, *options: tuple[str, Any]) -> grpc.Channel:
        """A connection of its own."""
        usual = [
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.enable_retries", 0),
            ("grpc.max_send_message_length", -1),
        ]
        return grpc.insecure_channel(self.server.grpc_endpoint or "off", options=[*usual, *options])

    def post(
        self, path: str, body: Any, content_type: str | None = PROTOBUF, **more: str
    ) -> httpx.Response:
        """POST; keywords are headers, with dashes for underscores. The path goes out as it is."""
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        if content_type is not None:
            headers["Content-Type"] = content_type
        return self.client.post(self.server.http_endpoint + path, content=body, headers=headers)

    def accept(self, path: str, body: bytes, content_type: str = PROTOBUF, **more: str) -> None:
        """POST what must be taken whole, and without a warning."""
        answer = self.post(path, body, content_type, **more)
        assert answer.status_code == 200, answer.content
        assert answer.content == (b"{}" if "json" in content_type.lower() else b"")

    def partial(self, path: str, body: bytes, content_type: str = PROTOBUF) -> Any:
        """POST what is taken in part, or with a warning; the partial success."""
        answer = self.post(path, body, content_type)
        assert answer.status_code == 200, answer.content
        response = RESPONSES[_HTTP_SIGNAL[path]]()
        if content_type == JSON:
            json_format.Parse(answer.content, response)
        else:
            response.ParseFromString(answer.content)
        assert response.HasField("partial_success")
        return response.partial_success

    def refuse(
        self, path: str, body: bytes, content_type: str = PROTOBUF, status: int = 400, **more: str
    ) -> str:
        """POST what must be refused; the message."""
        answer = self.post(path, body, content_type, **more)
        assert answer.status_code == status, answer.content
        return status_of(answer).message

    def export(
        self, signal: Signal, body: bytes, compression: Any = None, metadata: Any = None
    ) -> bytes:
        """One Export; RpcError where its status is not OK."""
        export = self.channel.unary_unary(method(signal))
        answer: bytes = export(body, timeout=TIMEOUT_S, compression=compression, metadata=metadata)
        return answer

    def export_refused(self, signal: Signal, body: bytes, compression: Any = None) -> Any:
        """The error of an Export that must fail."""
        with pytest.raises(grpc.RpcError) as caught:
            self.export(signal, body, compression)
        return caught.value

    def frames(self, signal: Signal, message: bytes, **more: Any) -> Answer:
        """One Export frame by frame."""
        more.setdefault("content_type", "application/grpc")
        return call(self.server.grpc_endpoint, method(signal), message, **more)

    def rows(self, table: str, columns: str = "*", order: str = "") -> list[dict[str, Any]]:
        """What `table` got since the mark, in the order of arrival unless another is asked for.

        Rows of `metrics`, which is a join, have no order of their own.
        """
        condition = "received_time >= make_timestamp_ns($since)"
        order = f" ORDER BY {order}" if order else ""
        return self.server.sql(
            f"SELECT {columns} FROM {table} WHERE {condition}{order}", {"since": self._since_ns}
        )

    def row(self, table: str, columns: str = "*") -> dict[str, Any]:
        (found,) = self.rows(table, columns)
        return found

    def count(self, table: str) -> int:
        found: int = self.row(table, "count(*) AS number")["number"]
        return found

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a counter or gauge of `/metrics` over the labels that are not given."""
        token = self.server.token
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        answer = httpx.get(f"{self.server.api_url}/metrics", headers=headers, timeout=TIMEOUT_S)
        lines = answer.raise_for_status().text.splitlines()
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        return sum(
            float(line.rpartition(" ")[2])
            for line in lines
            if line.startswith((f"{name}{{", f"{name} ")) and all(pair in line for pair in wanted)
        )

    def raw(self, *parts: bytes) -> Iterator[bytes]:
        """Send the parts over one HTTP connection; what comes back after each."""
        with socket.create_connection(self.http_address, TIMEOUT_S) as peer:
            for part in parts:
                peer.sendall(part)
                yield _whole_answer(peer)

    @contextmanager
    def holding(self, requests: int, size_bytes: int, *lines: str) -> Iterator[None]:
        """So many HTTP requests are under way, and send nothing of their bodies.

        Each comes from an address of its own, since none may hold all that may be in flight.
        """
        with ExitStack() as peers:
            for number in range(requests):
                source = (f"127.0.0.{number + 2}", 0)
                peer = peers.enter_context(
                    socket.create_connection(self.http_address, TIMEOUT_S, source)
                )
                peer.sendall(head("/v1/traces", f"Content-Length: {size_bytes}", *lines))
            deadline_s = time.monotonic() + TIMEOUT_S
            while self.metric("goldeneye_receiver_in_flight_bytes") < requests * size_bytes:
                assert time.monotonic() < deadline_s, "the requests never began"
            yield


def _whole_answer(peer: socket.socket) -> bytes:
    """As much as its own head says; less where the peer ends the connection."""
    found = b""
    while True:
        part = peer.recv(65_536)
        found += part
        before, ended, after = found.partition(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: (\d+)", before, re.I)
        if not part or (ended and len(after) >= (int(length[1]) if length else 0)):
            return found


def status_of(answer: httpx.Response) -> status_pb2.Status:
    """The error's body, in the encoding that its content type names."""
    if answer.headers["Content-Type"] == PROTOBUF:
        return status_pb2.Status.FromString(answer.content)
    assert answer.headers["Content-Type"] == JSON
    return json_format.Parse(answer.content, status_pb2.Status())


def details_of(error: Any) -> status_pb2.Status:
    """The google.rpc.Status of an error's trailers; its code and message are the error's own."""
    found = status_pb2.Status.FromString(trailers_of(error)["grpc-status-details-bin"])
    assert found.code == error.code().value[0]
    assert found.message == error.details()
    return found


def trailers_of(error: Any) -> dict[str, Any]:
    return dict(error.trailing_metadata())


def head(path: str, *lines: str) -> bytes:
    """The head of an HTTP/1.1 request, to be sent by hand."""
    every = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Type: {PROTOBUF}", *lines]
    return ("\r\n".join(every) + "\r\n\r\n").encode()


def start(folder: Path, **environment: str) -> GoldeneyeProcess:
    """A server of its own configuration; `a__b` stands for the key `a.b`."""
    variables = {f"GOLDENEYE_{key.upper()}": value for key, value in environment.items()}
    return GoldeneyeProcess(folder / "data", variables).start()
