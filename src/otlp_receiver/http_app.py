"""OTLP over HTTP: three paths, two encodings, many ways to compress."""

import asyncio
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from goldeneye.errors import GoldeneyeError, Unavailable
from goldeneye.schemas import Encoding, Signal
from goldeneye.tokens import challenge
from otlp_receiver.admission import Budget, Permit
from otlp_receiver.codings import DECOMPRESSORS, OFFERED
from otlp_receiver.compression import too_large
from otlp_receiver.expansion import USUAL_RATIO, expand
from otlp_receiver.exports import Exports
from otlp_receiver.peers import http_peer
from otlp_receiver.status import CONTENT_TYPES, Failure, failure

_PATHS: Final[dict[str, Signal]] = {
    "/v1/traces": "traces",
    "/v1/metrics": "metrics",
    "/v1/logs": "logs",
}
_ENCODINGS: Final[dict[str, Encoding]] = {
    "application/x-protobuf": "protobuf",
    "application/protobuf": "protobuf",
    "application/json": "json",
}
# google.rpc.Code
_INVALID_ARGUMENT: Final = 3
_NOT_FOUND: Final = 5
_UNIMPLEMENTED: Final = 12
_READ_TIMEOUT_S: Final = 30.0
# Bodies of unknown length take their share of the budget in steps.
_STEP_BYTES: Final = 65_536


class ClientGone(Exception):
    """The client went away before its request was whole: nobody is left to answer."""


@dataclass(frozen=True)
class _Refused(Exception):
    """An answer that needs no body read."""

    failure: Failure
    headers: dict[str, str]


class OtlpHttp:
    """The ASGI application of the OTLP port."""

    def __init__(self, max_body_bytes: int, budget: Budget, exports: Exports) -> None:
        self._max_body_bytes = max_body_bytes
        self._budget = budget
        self._exports = exports

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"OTLP is not spoken over {scope['type']}")
        headers = Headers(scope=scope)
        encoding = _encoding(headers)
        signal: Signal | None = None
        try:
            signal = _signal(scope)
            self._authorize(headers)
            if encoding is None:
                raise _unsupported_type(headers)
            response = await self._answer(signal, encoding, headers, receive, http_peer(scope))
        except _Refused as refused:
            self._exports.refused(signal or "none", refused.failure.outcome)
            response = _response(refused.failure, encoding or "json", refused.headers)
        except ClientGone:
            return
        await response(scope, receive, send)

    def _authorize(self, headers: Headers) -> None:
        """Before anything is made of the body."""
        try:
            self._exports.authorize(headers.get("authorization"))
        except GoldeneyeError as error:
            raise _Refused(failure(error), challenge(error, "ingest")) from error

    async def _answer(
        self, signal: Signal, encoding: Encoding, headers: Headers, receive: Receive, peer: str
    ) -> Response:
        started_s = self._exports.now_s()
        try:
            body = await self._export(signal, encoding, headers, receive, peer)
            return Response(body, headers={"Content-Type": CONTENT_TYPES[encoding]})
        except (ClientGone, _Refused):
            raise
        except Exception as error:
            return _response(self._exports.failed(signal, error), encoding, {})
        finally:
            self._exports.timed(signal, started_s)

    async def _export(
        self, signal: Signal, encoding: Encoding, headers: Headers, receive: Receive, peer: str
    ) -> bytes:
        coding = _content_coding(headers)
        length = _content_length(headers)
        if length > self._max_body_bytes:
            raise too_large(self._max_body_bytes)
        expected = (length or _STEP_BYTES) * (USUAL_RATIO if coding else 1)
        async with self._budget.permit(min(expected, self._max_body_bytes), peer) as permit:
            body = await self._read(receive, permit, max(length, _STEP_BYTES))
            permit.arrived()
            if coding:
                decompress = DECOMPRESSORS[coding]
                body = await expand(decompress, body, self._max_body_bytes, permit)
            return await self._exports.store(signal, encoding, body, peer)

    async def _read(self, receive: Receive, permit: Permit, taken_bytes: int) -> bytes:
        """The body as sent, within the limit."""
        chunks: list[bytes] = []
        size_bytes = 0
        try:
            async with asyncio.timeout(_READ_TIMEOUT_S):
                while True:
                    message: Message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ClientGone
                    chunk = message.get("body", b"")
                    size_bytes += len(chunk)
                    if size_bytes > self._max_body_bytes:
                        raise too_large(self._max_body_bytes)
                    if size_bytes > taken_bytes:
                        taken_bytes = size_bytes
                        await self._wait_for_room(permit, size_bytes)
                    chunks.append(chunk)
                    if not message.get("more_body", False):
                        return chunks[0] if len(chunks) == 1 else b"".join(chunks)
        except TimeoutError:
            raise Unavailable(
                f"the request did not arrive within {_READ_TIMEOUT_S:.0f} s"
            ) from None

    async def _wait_for_room(self, permit: Permit, size_bytes: int) -> None:
        """A body of unknown length grows: wait while others fill the budget."""
        await permit.wait(_STEP_BYTES)
        permit.resize(size_bytes)


def _signal(scope: Scope) -> Signal:
    """The signal of the path; a slash too many does no harm, since redirects would."""
    path = "/" + "/".join(part for part in scope["path"].split("/") if part)
    signal = _PATHS.get(path)
    if signal is None:
        known = ", ".join(_PATHS)
        right = next((known for known in _PATHS if path.endswith(known)), None)
        hint = f"; the endpoint already has {right}, configure it without" if right else ""
        raise _refused(_NOT_FOUND, 404, f"there is no {path} here, only {known}{hint}")
    if scope["method"] != "POST":
        text = f"{path} takes POST, not {scope['method']}"
        raise _refused(_UNIMPLEMENTED, 405, text, {"Allow": "POST"})
    return signal


def _encoding(headers: Headers) -> Encoding | None:
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    return _ENCODINGS.get(media_type)


def _unsupported_type(headers: Headers) -> _Refused:
    given = headers.get("content-type", "")
    text = f"Content-Type must be application/x-protobuf or application/json, not {given!r}"
    return _refused(_INVALID_ARGUMENT, 415, text)


def _content_coding(headers: Headers) -> str | None:
    """How the body is compressed; None where it is not."""
    given = ",".join(headers.getlist("content-encoding")).strip().lower()
    if given in ("", "identity"):
        return None
    if given not in DECOMPRESSORS:
        text = f"Content-Encoding must be one of {OFFERED}, not {given!r}"
        raise _refused(_INVALID_ARGUMENT, 415, text, {"Accept-Encoding": OFFERED})
    return given


def _content_length(headers: Headers) -> int:
    """0 where it is not told; uvicorn refuses what is no number."""
    return int(headers.get("content-length", "0"))


def _refused(
    code: int, http_status: int, message: str, headers: dict[str, str] | None = None
) -> _Refused:
    return _Refused(Failure(code, http_status, "invalid", message), headers or {})


def _response(found: Failure, encoding: Encoding, headers: dict[str, str]) -> Response:
    headers = {"Content-Type": CONTENT_TYPES[encoding], **headers}
    if found.retry_delay_s is not None:
        headers["Retry-After"] = str(found.retry_delay_s)
    return Response(found.body(encoding), found.http_status, headers)
