"""What guards the listeners: their certificates, the tokens, and what is worth a warning."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from goldeneye.addresses import split_endpoint
from goldeneye.config import Config
from goldeneye.tls import Tls, TlsFiles
from goldeneye.tokens import Tokens


@dataclass(frozen=True)
class _Guarded:
    """One listener, and its certificates where it has some."""

    key: str
    endpoint: str
    tls: Tls | None

    @property
    def is_open(self) -> bool:
        """Whether anybody but this machine can reach it, and need not show a certificate."""
        return not is_loopback(self.endpoint) and not (self.tls and self.tls.is_mutual)


class Security:
    """Read when the server starts; StartupError where a file cannot be used."""

    def __init__(self, config: Config) -> None:
        receiver = config.receiver
        self.tokens = Tokens(config.auth.tokens_file)
        self.grpc_tls = _tls(receiver.grpc.tls.files("receiver.grpc.tls"))
        self.http_tls = _tls(receiver.http.tls.files("receiver.http.tls"))
        self.api_tls = _tls(config.api.tls.files("api.tls"))
        self.query_grpc_tls = _tls(config.query.grpc.tls.files("query.grpc.tls"))
        listeners = {
            "grpc": ("receiver.grpc", receiver.grpc.endpoint, self.grpc_tls),
            "http": ("receiver.http", receiver.http.endpoint, self.http_tls),
            "api": ("api", config.api.endpoint, self.api_tls),
            "query_grpc": ("query.grpc", config.query.grpc.endpoint, self.query_grpc_tls),
        }
        self._listeners = {
            name: _Guarded(key, endpoint, tls)
            for name, (key, endpoint, tls) in listeners.items()
            if endpoint is not None
        }

    def warnings(self) -> list[str]:
        """What the operator should know, most serious first."""
        return [*self._exposed(), *self._stale()]

    def _exposed(self) -> list[str]:
        beyond = [one for one in self._listeners.values() if one.is_open]
        if not self.tokens.are_required:
            return [
                f"{one.key}.endpoint {one.endpoint} is reachable from other machines, and no "
                "tokens are asked for: set auth.tokens_file, or listen on loopback"
                for one in beyond
            ]
        return [
            f"{one.key}.endpoint {one.endpoint} is reachable from other machines without TLS: "
            f"tokens can be read on the way; set {one.key}.tls"
            for one in beyond
            if one.tls is None
        ]

    def _stale(self) -> list[str]:
        """Files that changed, and are not in use."""
        parts = [self.tokens, *(one.tls for one in self._listeners.values())]
        return [part.error for part in parts if part is not None and part.error is not None]

    def status(self) -> Mapping[str, Any]:
        """Its part of /api/v1/status."""
        return {
            "tokens": self.tokens.count if self.tokens.are_required else None,
            "tls": {name: _word(one.tls) for name, one in self._listeners.items()},
            "warnings": self.warnings(),
        }


def is_loopback(endpoint: str) -> bool:
    """Whether only this machine can reach it; of names, only localhost is known to be so."""
    host = split_endpoint(endpoint)[0]
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _tls(files: TlsFiles | None) -> Tls | None:
    return None if files is None else Tls(files)


def _word(tls: Tls | None) -> str:
    if tls is None:
        return "none"
    return "mutual" if tls.is_mutual else "server"
