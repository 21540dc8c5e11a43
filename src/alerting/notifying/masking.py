"""Secrets taken out of what is logged and shown."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, urlsplit

from alerting.documents.secret import SHOWN
from goldeneye.limits import MAX_ERROR_MESSAGE_CHARS

# Shorter ones would take words out of sentences, and are no secrets.
_SHORTEST: Final = 4
_SHORTEST_SEGMENT: Final = 8


def masked(text: str, secrets: Iterable[str]) -> str:
    """One line, without the secrets, of bounded length."""
    for secret in sorted(_forms(secrets), key=len, reverse=True):
        text = text.replace(secret, SHOWN)
    return " ".join(text.split())[:MAX_ERROR_MESSAGE_CHARS]


def _forms(secrets: Iterable[str]) -> set[str]:
    """Each as it is, and as it stands in an address."""
    forms = {form for secret in secrets for form in (secret, quote(secret), quote(secret, safe=""))}
    return {form for form in forms if len(form) >= _SHORTEST}


def url_secrets(url: str) -> list[str]:
    """What of an address is not for everybody: all but its host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return [url]
    tail = f"{parts.path}?{parts.query}" if parts.query else parts.path
    segments = [part for part in parts.path.split("/") if len(part) >= _SHORTEST_SEGMENT]
    return [url, tail, parts.query, parts.password or "", *segments]


def shown_url(url: str) -> str:
    """Its scheme and host, which tell who did not answer."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{parts.hostname}{port}/{SHOWN}"
    except ValueError:
        return SHOWN
