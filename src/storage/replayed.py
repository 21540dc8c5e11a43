"""Which bodies a recovery met: a sender that lost its answer will send them again."""

import xxhash

from goldeneye.clock import Clock
from goldeneye.limits import REPLAY_DEDUPLICATION_S
from goldeneye.schemas import Encoding, Signal
from storage.catalog import Catalog

_HASH_BYTES = 16


class ReplayedBodies:
    """128-bit hashes of bodies, remembered for REPLAY_DEDUPLICATION_S after the start.

    The catalog keeps them over further restarts within that time: a sender may lose its answer
    more than once.
    """

    def __init__(self, clock: Clock, catalog: Catalog) -> None:
        self._clock = clock
        self._catalog = catalog
        self._until_ns = clock.now_ns() + int(REPLAY_DEDUPLICATION_S * 1e9)
        self._new: list[bytes] = []
        self._hashes = {
            blob[start : start + _HASH_BYTES]: until_ns
            for until_ns, blob in sorted(catalog.remembered_bodies(clock.now_ns()))
            for start in range(0, len(blob), _HASH_BYTES)
        }

    def add(
        self, tenant: str, signal: Signal, encoding: Encoding, body: bytes | memoryview
    ) -> None:
        digest = _digest(tenant, signal, encoding, body)
        self._hashes[digest] = self._until_ns
        self._new.append(digest)

    def keep(self) -> None:
        """Let the catalog remember what was added; to be called before a segment is deleted."""
        if self._new:
            self._catalog.remember_bodies(b"".join(self._new), self._until_ns)
            self._new = []

    def __contains__(self, request: tuple[str, Signal, Encoding, bytes]) -> bool:
        if not self._hashes:
            return False
        now_ns = self._clock.now_ns()
        if now_ns > self._until_ns:
            self._hashes = {}
            return False
        return self._hashes.get(_digest(*request), 0) >= now_ns


def _digest(tenant: str, signal: Signal, encoding: Encoding, body: bytes | memoryview) -> bytes:
    hashed = xxhash.xxh3_128(f"{tenant}/{signal}/{encoding}/".encode())
    hashed.update(body)
    return bytes(hashed.digest())
