"""Which bodies a recovery met: a sender that lost its answer will send them again."""

import threading

import xxhash

from goldeneye.clock import Clock
from goldeneye.limits import REPLAY_DEDUPLICATION_S
from goldeneye.schemas import Encoding, Signal


class ReplayedBodies:
    """128-bit hashes of bodies, remembered for REPLAY_DEDUPLICATION_S after the start."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until_s = clock.monotonic_s() + REPLAY_DEDUPLICATION_S
        self._hashes: set[bytes] = set()
        self._lock = threading.Lock()

    def add(
        self, tenant: str, signal: Signal, encoding: Encoding, body: bytes | memoryview
    ) -> None:
        self._hashes.add(_digest(tenant, signal, encoding, body))

    def __contains__(self, request: tuple[str, Signal, Encoding, bytes]) -> bool:
        if not self._hashes:
            return False
        if self._clock.monotonic_s() > self._until_s:
            with self._lock:
                self._hashes = set()
            return False
        return _digest(*request) in self._hashes


def _digest(tenant: str, signal: Signal, encoding: Encoding, body: bytes | memoryview) -> bytes:
    hashed = xxhash.xxh3_128(f"{tenant}/{signal}/{encoding}/".encode())
    hashed.update(body)
    return bytes(hashed.digest())
