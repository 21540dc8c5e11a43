"""The native decoder: `native/`, in Rust. Importing this needs its package."""

from collections.abc import Sequence

import goldeneye_native

from goldeneye.decoded import BodyResult, Decoded
from goldeneye.schemas import Encoding, PromotedKeys, Signal


class NativeDecoder:
    """See goldeneye.decoded.Decoder."""

    name = "native"

    def __init__(self, promoted: PromotedKeys) -> None:
        self._decoder = goldeneye_native.Decoder(
            list(promoted.attributes.items()), list(promoted.resource_attributes.items())
        )

    def items(self, signal: Signal, encoding: Encoding, body: bytes) -> int:
        return self._decoder.items(signal, encoding, body)

    def decode(
        self,
        signal: Signal,
        encoding: Encoding,
        bodies: Sequence[bytes],
        received_time_ns: Sequence[int],
    ) -> Decoded:
        batches, outcomes, strays = self._decoder.decode(signal, encoding, bodies, received_time_ns)
        return Decoded(
            batches,
            [BodyResult(*outcome) for outcome in outcomes],
            {table: frozenset(columns) for table, columns in strays.items()},
        )
