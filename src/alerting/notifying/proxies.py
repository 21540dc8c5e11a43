"""Whether a request goes through a proxy, and through which."""

import ipaddress
import os
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from alerting.documents.kinds import SecretText
from alerting.documents.secret import Secret


class ProxySettings(Protocol):
    """What both `http_config` and `oauth2` say of proxies."""

    @property
    def proxy_url(self) -> Secret | None: ...
    @property
    def no_proxy(self) -> str: ...
    @property
    def proxy_from_environment(self) -> bool: ...
    @property
    def proxy_connect_header(self) -> dict[str, tuple[SecretText, ...]]: ...


@dataclass(frozen=True)
class Proxy:
    """Its address, and headers of the request that opens a tunnel."""

    url: str
    headers: tuple[tuple[str, str], ...] = ()


def proxy_for(url: str, settings: ProxySettings) -> Proxy | None:
    """None where the request goes straight to its host."""
    if settings.proxy_from_environment:
        scheme = urlsplit(url).scheme
        address, excluded = _variable(f"{scheme}_proxy"), _variable("no_proxy")
    else:
        address = settings.proxy_url.reveal() if settings.proxy_url else ""
        excluded = settings.no_proxy
    if not address or _excluded(url, excluded):
        return None
    headers = tuple(
        (name, value.reveal())
        for name, values in settings.proxy_connect_header.items()
        for value in values
    )
    return Proxy(address if "://" in address else f"http://{address}", headers)


def _variable(name: str) -> str:
    return os.environ.get(name.upper()) or os.environ.get(name) or ""


def _excluded(url: str, patterns: str) -> bool:
    parts = urlsplit(url)
    host = (parts.hostname or "").lower().rstrip(".")
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    listed = (pattern.strip().lower() for pattern in patterns.split(","))
    return any(_fits(pattern, host, port) for pattern in listed if pattern)


def _fits(pattern: str, host: str, port: int) -> bool:
    """A name with all below it, `.name` for those below only, an address, a network, `*`."""
    if pattern == "*":
        return True
    network = _network(pattern)
    if network is not None:
        address = _address(host)
        return address is not None and address in network
    name, colon, wanted = pattern.rpartition(":")
    if colon and wanted.isdigit():
        if int(wanted) != port:
            return False
        pattern = name.strip("[]")
    below = pattern.removeprefix("*")
    if below.startswith("."):
        return host.endswith(below)
    return host == below or host.endswith(f".{below}")


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
