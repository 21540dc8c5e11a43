"""A committer that remembers what it was given, and can be held up or made to fail."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from goldeneye.decoded import Decoded, Group
from goldeneye.schemas import Encoding, Signal

_TIMEOUT_S = 20.0


class RecordingCommitter:
    """See goldeneye.decoded.Committer."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._open.set()
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.commits: list[list[Group]] = []
        self.fault: BaseException | None = None
        self.replayed_bodies: set[bytes] = set()
        self._entered = threading.Semaphore(0)

    @property
    def groups(self) -> list[Group]:
        return [group for groups in self.commits for group in groups]

    @property
    def bodies(self) -> list[bytes]:
        """What is durable, in order."""
        return [body for group in self.groups for body in group.bodies]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        batches = [batch for group in self.groups for batch in group.decoded.batches.values()]
        return sum(batch.num_rows for batch in batches)

    def commit(self, groups: Sequence[Group]) -> None:
        self._entered.release()
        if not self._open.wait(_TIMEOUT_S):
            raise AssertionError("the test held the commit for too long")
        if self.fault is not None:
            raise self.fault
        self.commits.append(list(groups))

    def within_limits(self, tenant: str, decoded: Decoded) -> Decoded:
        return decoded

    def replayed(self, tenant: str, signal: Signal, encoding: Encoding, body: bytes) -> bool:
        return body in self.replayed_bodies

    @contextmanager
    def held(self) -> Iterator[None]:
        """No commit returns before the end of the block."""
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()

    def await_commit(self) -> None:
        """Wait until one more commit has begun."""
        assert self._entered.acquire(timeout=_TIMEOUT_S), "no commit began"
