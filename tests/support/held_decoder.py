"""A decoder that counts its calls and can be held up."""

import threading
from collections.abc import Sequence

from goldeneye.decoded import Decoded, Decoder
from goldeneye.schemas import Encoding, Signal

_TIMEOUT_S = 20.0


class HeldDecoder:
    """Another decoder, each call of which waits while `open` is clear."""

    name = "held"

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self.calls: list[tuple[Signal, Encoding, int]] = []
        self.open = threading.Event()
        self.open.set()
        self._entered = threading.Semaphore(0)

    def items(self, signal: Signal, encoding: Encoding, body: bytes) -> int:
        return self._decoder.items(signal, encoding, body)

    def decode(
        self,
        signal: Signal,
        encoding: Encoding,
        bodies: Sequence[bytes],
        received_time_ns: Sequence[int],
    ) -> Decoded:
        self.calls.append((signal, encoding, len(bodies)))
        self._entered.release()
        assert self.open.wait(_TIMEOUT_S), "the test held the decoder for too long"
        return self._decoder.decode(signal, encoding, bodies, received_time_ns)

    def await_call(self) -> None:
        """Wait until one more call has begun."""
        assert self._entered.acquire(timeout=_TIMEOUT_S), "no call began"
