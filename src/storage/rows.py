"""Rows on their way to the hot buffer, wherever they came from."""

from dataclasses import dataclass
from typing import Protocol

from goldeneye.decoded import Decoded


class HasRows(Protocol):
    """What the buffer needs to know, of a goldeneye.decoded.Group or of `Rows`."""

    @property
    def tenant(self) -> str: ...

    @property
    def decoded(self) -> Decoded: ...


@dataclass(frozen=True)
class Rows:
    """Rows whose bodies are in the log, or need not be kept."""

    tenant: str
    decoded: Decoded
