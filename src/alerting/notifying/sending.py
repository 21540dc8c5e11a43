"""What the kinds of notifiers share."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from alerting.notifying.notification import SendFailed
from goldeneye.errors import ConfigurationError
from goldeneye.limits import RECEIVER_TIMEOUT_S


@contextmanager
def file_read() -> Iterator[None]:
    """A file of a secret that cannot be read is a failure of this notification."""
    try:
        yield
    except ConfigurationError as error:
        raise SendFailed(str(error), retryable=False) from None


def timeout_s(configured_ns: int) -> float:
    """Of one attempt; 0 leaves it to us."""
    return configured_ns / 1e9 if configured_ns else RECEIVER_TIMEOUT_S


def said(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that say something; empty texts, lists and False are left out."""
    return {name: value for name, value in fields.items() if value not in ("", None, False, [], {})}
