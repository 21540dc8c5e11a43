"""The scalars of configurations: how each is read from text and written back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from alerting.documents.secret import SHOWN, Secret
from alerting.durations import duration_ns, duration_text


@dataclass(frozen=True)
class Scalar:
    """`read` raises ValueError, whose text says what is expected."""

    read: Callable[[str], Any]
    write: Callable[[Any], object] = str


# The file may belong to another folder than the process: relative to the configuration's.
FILE: Final = "file"


def http_url(text: str) -> str:
    """An address of http or https. Raises ValueError, which does not show it."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError("is no URL") from None
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"unsupported scheme {parts.scheme!r} for URL")
    if not host:
        raise ValueError("missing host for URL")
    return text


def _secret_url(text: str) -> Secret:
    # So is an address written by whoever may not see it; it is refused only when it is used.
    if text == SHOWN:
        return Secret(text)
    secret = Secret.parse(text)
    http_url(secret.reveal())
    return secret


def _host_port(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if text and (not colon or (":" in host and not host.startswith("["))):
        raise ValueError(f"address {text}: missing port in address")
    if text and not port:
        raise ValueError(f"address {text!r}: port cannot be empty")
    return text


def _hidden(_: object) -> str:
    return SHOWN


DurationNs = Annotated[int, Scalar(duration_ns, duration_text)]
Url = Annotated[str, Scalar(http_url)]
SecretText = Annotated[Secret, Scalar(Secret.parse, _hidden)]
SecretUrl = Annotated[Secret, Scalar(_secret_url, _hidden)]
HostPort = Annotated[str, Scalar(_host_port)]
FilePath = Annotated[str, FILE]
