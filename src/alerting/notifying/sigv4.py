"""Amazon's signature, version 4, of a request with a body."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, quote, urlsplit

from alerting.durations import SECOND_NS

_ALGORITHM: Final = "AWS4-HMAC-SHA256"


@dataclass(frozen=True)
class Keys:
    """Who signs; a session token belongs to keys that were lent."""

    access_key: str
    secret_key: str
    session_token: str = ""

    def __repr__(self) -> str:
        return f"Keys({self.access_key})"


@dataclass(frozen=True)
class Scope:
    """For which region and service."""

    region: str
    service: str


def signed(
    keys: Keys,
    scope: Scope,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    now_ns: int,
) -> dict[str, str]:
    """The headers with those that prove who sends them."""
    at = datetime.fromtimestamp(now_ns // SECOND_NS, UTC).strftime("%Y%m%dT%H%M%SZ")
    parts = urlsplit(url)
    all_headers = {**headers, "Host": parts.netloc, "X-Amz-Date": at}
    if keys.session_token:
        all_headers["X-Amz-Security-Token"] = keys.session_token
    lowered = {name.lower(): " ".join(value.split()) for name, value in all_headers.items()}
    names = ";".join(sorted(lowered))
    canonical = "\n".join(
        (
            method,
            quote(parts.path or "/", safe="/-_.~%"),
            _query(parts.query),
            *(f"{name}:{lowered[name]}" for name in sorted(lowered)),
            "",
            names,
            hashlib.sha256(body).hexdigest(),
        )
    )
    where = f"{at[:8]}/{scope.region}/{scope.service}/aws4_request"
    signature = _signature(keys.secret_key, where, at, canonical)
    all_headers["Authorization"] = (
        f"{_ALGORITHM} Credential={keys.access_key}/{where}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    return all_headers


def _query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    return "&".join(sorted(f"{_encoded(name)}={_encoded(value)}" for name, value in pairs))


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def _signature(secret_key: str, where: str, at: str, canonical: str) -> str:
    key = f"AWS4{secret_key}".encode()
    for part in where.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    return hmac.new(
        key, f"{_ALGORITHM}\n{at}\n{where}\n{hashed}".encode(), hashlib.sha256
    ).hexdigest()
