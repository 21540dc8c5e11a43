"""What is remembered of files' calls, for as long as the process lives."""

import hashlib
from collections.abc import Hashable, Iterator
from typing import Any, Final, Protocol, Self, TypeVar

from goldeneye import limits
from query.service_map.known_calls import KnownCalls
from query.service_map.sample import FURTHER_STEPS, MAX_STEP
from query.service_map.shared import Shared
from query.summaries.counts import Names
from query.summaries.remembered import Remembered

# What a value costs beside its arrays.
_VALUE_BYTES: Final = 500


def digest(content: bytes) -> bytes:
    """For keys of what may be long, which is not counted."""
    return hashlib.sha256(content).digest()


class _Sized(Protocol):
    @property
    def nbytes(self) -> int: ...


class Stepped(_Sized, Protocol):
    """Calls of the first of its steps of the sample, which has those of the others."""

    @property
    def steps(self) -> range: ...

    def from_step(self, step: int) -> Self: ...


Value = TypeVar("Value", bound=_Sized)
Calls = TypeVar("Calls", bound=Stepped)


class CallMemory:
    """Shared by all questions; any thread may ask."""

    def __init__(self) -> None:
        self.names = Names()
        self.shared: Shared[Any] = Shared()
        self._values: Remembered[_Sized] = Remembered(
            limits.MAX_REMEMBERED_CALL_BYTES, lambda value: value.nbytes + _VALUE_BYTES
        )
        # Step -> how many spans took too much memory at it.
        self._too_many: dict[int, int] = {}

    def get(self, kind: type[Value], key: Hashable) -> Value | None:
        value = self._values.get((kind, key))
        assert value is None or isinstance(value, kind)
        return value

    def put(self, value: _Sized, key: Hashable) -> None:
        self._values.put((type(value), key), value)

    def calls(self, kind: type[Calls], file_id: str, step: int) -> Calls | None:
        """What is known of a file at this step, by what was counted at one that has more."""
        found = next(self._counted(kind, file_id, step), None)
        if found is None or found.steps[0] == step:
            return found
        narrowed = found.from_step(step)
        self.put_calls(narrowed, file_id)
        return narrowed

    def put_calls(self, value: Stepped, file_id: str) -> None:
        self.put(value, (file_id, value.steps[0]))

    def has_calls(self, file_id: str, step: int) -> bool:
        return any(True for _ in self._counted(KnownCalls, file_id, step))

    def _counted(self, kind: type[Calls], file_id: str, step: int) -> Iterator[Calls]:
        for own in range(step, max(-1, step - FURTHER_STEPS - 1), -1):
            found = self.get(kind, (file_id, own))
            if found is not None and step in found.steps:
                yield found

    def took_too_much(self, step: int, spans: int) -> None:
        """So many spans did at this step."""
        self._too_many[step] = min(spans, self._too_many.get(step, spans))

    def first_that_fits(self, step: int, spans: int) -> int:
        """From this step on, the first at which so many did not take too much."""
        while step < MAX_STEP and spans >= self._too_many.get(step, spans + 1):
            step += 1
        return step
