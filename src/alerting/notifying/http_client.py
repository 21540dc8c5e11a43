"""HTTP as `http_config` says: the only place from which requests leave, each attempt anew."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import httpx

from alerting.notifying.masking import masked, shown_url, url_secrets
from alerting.notifying.notification import SendFailed
from alerting.notifying.proxies import Proxy, ProxySettings, proxy_for
from alerting.notifying.tls_context import tls_context
from alerting.routing.receivers.http_config import TlsConfig
from goldeneye import __version__
from goldeneye.errors import ConfigurationError
from goldeneye.limits import MAX_RECEIVER_ANSWER_BYTES, RECEIVER_TIMEOUT_S

USER_AGENT: Final = f"Goldeneye/{__version__}"
TOO_MANY_REQUESTS: Final = 429


@dataclass(frozen=True)
class Answer:
    """What came back, its beginning where it is long."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    # Of the request, which answers may repeat.
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Raises ValueError."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Request:
    """One request. `secret_url` hides all of the address but its host in errors."""

    method: str
    url: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    secret_url: bool = True
    timeout_s: float = RECEIVER_TIMEOUT_S

    @property
    def hidden(self) -> tuple[str, ...]:
        return (*self.secrets, *(url_secrets(self.url) if self.secret_url else ()))


def json_request(method: str, url: str, content: Any, **more: Any) -> Request:
    """With a JSON body."""
    headers = {"Content-Type": "application/json", **more.pop("headers", {})}
    body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    return Request(method, url, body, headers, **more)


class Connecting(ProxySettings, Protocol):
    """What both `http_config` and `oauth2` say of connections."""

    @property
    def tls_config(self) -> TlsConfig: ...


# Headers that show who we are, with the secrets in them.
Credentials = Callable[[], Awaitable[tuple[list[tuple[str, str]], list[str]]]]


async def call(
    request: Request,
    connecting: Connecting,
    credentials: Credentials | None = None,
    *,
    follow_redirects: bool = True,
) -> Answer:
    """The answer, whatever its status. Raises SendFailed where there is none."""
    secrets = list(request.hidden)
    try:
        context = await asyncio.to_thread(tls_context, connecting.tls_config)
        headers, shown = await credentials() if credentials else ([], [])
    except ConfigurationError as error:
        raise SendFailed(masked(str(error), secrets), retryable=False) from None
    proxy = proxy_for(request.url, connecting)
    secrets += shown
    if proxy is not None:
        secrets += url_secrets(proxy.url) + [value for _, value in proxy.headers]
    leaving = _Leaving(request.url, [name for name, _ in headers])
    try:
        async with (
            asyncio.timeout(request.timeout_s),
            httpx.AsyncClient(
                verify=context,
                trust_env=False,
                proxy=_httpx_proxy(proxy),
                follow_redirects=follow_redirects,
                timeout=request.timeout_s,
                event_hooks={"request": [leaving]},
            ) as client,
        ):
            return await _exchange(client, request, headers, tuple(secrets))
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, ValueError, ImportError) as error:
        raise _failed(request, error, secrets, retryable=False) from None
    except (httpx.HTTPError, OSError, TimeoutError) as error:
        raise _failed(request, error, secrets, retryable=True) from None


@dataclass(frozen=True)
class _Leaving:
    """Takes credentials from a request that a redirect sends to somebody else."""

    url: str
    names: Collection[str]

    async def __call__(self, request: httpx.Request) -> None:
        if _origin(str(request.url)) != _origin(self.url):
            for name in (*self.names, "Authorization"):
                request.headers.pop(name, None)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _httpx_proxy(proxy: Proxy | None) -> httpx.Proxy | None:
    return httpx.Proxy(proxy.url, headers=list(proxy.headers)) if proxy else None


async def _exchange(
    client: httpx.AsyncClient,
    request: Request,
    credentials: list[tuple[str, str]],
    secrets: tuple[str, ...],
) -> Answer:
    ours = [("User-Agent", USER_AGENT), ("Accept-Encoding", "identity")]
    headers = httpx.Headers([*ours, *request.headers.items(), *credentials])
    sent = client.build_request(request.method, request.url, content=request.body, headers=headers)
    answer = await client.send(sent, stream=True)
    try:
        body = bytearray()
        async for part in answer.aiter_bytes():
            body += part
            if len(body) >= MAX_RECEIVER_ANSWER_BYTES:
                break
    finally:
        await answer.aclose()
    kept = bytes(body[:MAX_RECEIVER_ANSWER_BYTES])
    return Answer(answer.status_code, answer.headers, kept, secrets)


def _failed(
    request: Request, error: Exception, secrets: list[str], *, retryable: bool
) -> SendFailed:
    to = shown_url(request.url) if request.secret_url else request.url
    reason = str(error) or type(error).__name__
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        reason = f"no answer within {request.timeout_s:g} s"
    text = masked(reason, secrets)
    return SendFailed(
        f"{request.method} {masked(to, request.secrets)}: {text}", retryable=retryable
    )


def check(
    answer: Answer, retried: Collection[int] = (), details: Callable[[Answer], str] | None = None
) -> Answer:
    """The answer where it is 2xx. Raises SendFailed: 5xx, 429 and `retried` are tried again."""
    if 200 <= answer.status < 300:
        return answer
    retryable = answer.status >= 500 or answer.status in (TOO_MANY_REQUESTS, *retried)
    said = (details(answer) if details else "") or answer.text
    reason = f"unexpected status code {answer.status}" + (f": {said}" if said.strip() else "")
    raise refused(answer, reason, retryable=retryable)


def refused(answer: Answer, reason: str, *, retryable: bool) -> SendFailed:
    """What to raise where an answer says that the notification was not taken."""
    return SendFailed(
        masked(reason, answer.secrets),
        retryable=retryable,
        status=answer.status,
        retry_after_s=_retry_after_s(answer.headers),
    )


def _retry_after_s(headers: Mapping[str, str]) -> float:
    """Only where it is in seconds, as services that bound rates say it."""
    asked = headers.get("retry-after", "").strip()
    return float(asked) if asked.isdecimal() and asked.isascii() else 0.0
