"""What a decoder makes of a group of request bodies: the words receiver and storage share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

from goldeneye.schemas import Encoding, Signal


@dataclass(frozen=True)
class BodyResult:
    """What became of one body.

    `error` is set where the whole body is refused (then the other fields are empty): it says what
    is wrong and where. `rejected` and `warnings` count by the codes of
    `otlp_receiver/reasons.py`; `accepted` counts spans, log records or data points;
    `first_rejected` is the place of the first rejected item.
    """

    accepted: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    warnings: Mapping[str, int] = field(default_factory=dict)
    error: str | None = None
    first_rejected: str | None = None

    @property
    def rejected_count(self) -> int:
        return sum(self.rejected.values())


@dataclass(frozen=True)
class Decoded:
    """One batch per table (only tables with rows), one result per body.

    A batch has the columns of `schemas.hot` in their order, without those promoted ones that have
    no value in it: of a hundred keys, a group of bodies has twenty.

    `strays` names, per table, the promoted columns whose key also occurs in the JSON of some row,
    because its value there has another type.
    """

    batches: Mapping[str, pa.RecordBatch]
    results: Sequence[BodyResult]
    strays: Mapping[str, frozenset[str]] = field(default_factory=dict)


class Decoder(Protocol):
    """Bytes in, Arrow out. Never raises for any bytes whatever."""

    name: str

    def decode(
        self,
        signal: Signal,
        encoding: Encoding,
        bodies: Sequence[bytes],
        received_time_ns: Sequence[int],
    ) -> Decoded:
        """Decode the bodies of one signal and encoding in the order given."""
        ...

    def items(self, signal: Signal, encoding: Encoding, body: bytes) -> int:
        """No fewer spans, log records or data points than `decode` would find, told quickly."""
        ...


@dataclass(frozen=True)
class Group:
    """Bodies that are made durable together, and the rows that they became.

    `bodies` are those with accepted items only, as received after decompression; `decoded` has
    exactly their rows. One tenant, signal and encoding.
    """

    tenant: str
    signal: Signal
    encoding: Encoding
    bodies: Sequence[bytes]
    received_time_ns: Sequence[int]
    decoded: Decoded


class Committer(Protocol):
    """What makes groups durable and visible."""

    def commit(self, groups: Sequence[Group]) -> None:
        """Return once all groups are durable and visible to queries; waits where flush is behind.

        Raises StorageUnavailable with nothing of them kept.
        """

    def within_limits(self, tenant: str, decoded: Decoded) -> Decoded:
        """Without the points of series that would be too many; the results count them."""
        ...

    def replayed(self, tenant: str, signal: Signal, encoding: Encoding, body: bytes) -> bool:
        """Whether an equal body was replayed from the WAL at a start shortly before."""
        ...
