"""Which calls are looked at: those of some traces, told by a hash of the trace's id.

At each step a quarter of the traces of the step before is left. A call belongs to the trace of the
span that calls, so that a link to another trace is looked at with its producer.
"""

from itertools import count
from typing import Any, Final

import numpy as np

from query.service_map.kinds import Numbers

_STEP_BITS: Final = 2
MAX_STEP: Final = 8
# What is counted at one step can be narrowed to so many more of them; each costs memory.
FURTHER_STEPS: Final = 2
# The bits of a call's key that are those of its trace.
_TRACE_BITS: Final = (1 << _STEP_BITS * MAX_STEP) - 1
_OTHER_BITS: Final = (1 << 64) - 1 - _TRACE_BITS


def share(step: int) -> float:
    """Of the traces."""
    return 1.0 / (1 << _STEP_BITS * step)


def least_step(spans: int, most: int) -> int:
    """At which about so many are left of the spans at most."""
    found = next(one for one in count() if spans <= most << _STEP_BITS * one)
    return min(found, MAX_STEP)


def last_step(step: int) -> int:
    """To which what is counted at this one can be narrowed."""
    return min(step + FURTHER_STEPS, MAX_STEP)


def in_sample(keys: Numbers, step: int) -> Numbers:
    """Of each key whether its call is looked at."""
    found: Numbers = keys & np.uint64(_others(step)) == 0
    return found


def key_sql(trace_id: str, span_id: str) -> str:
    """The key of a span's call, as SQL over its ids."""
    own = f"hash({trace_id}, {span_id}) & {_OTHER_BITS}::UBIGINT"
    return f"(({own}) | (hash({trace_id}) & {_TRACE_BITS}::UBIGINT))"


def in_sample_sql(trace_id: str, step: int) -> str:
    """Whether the traces' calls are looked at, with the values of `params`."""
    return f"hash({trace_id}) & $others = 0" if step else "TRUE"


def step_sql(bits: str) -> str:
    """The last step up to `$last_step` at which a call is looked at, of its key or trace's hash."""
    # The zeros before the lowest bit, and one more, become ones; without a bit all are zeros.
    own = f"(CAST({bits} & {_TRACE_BITS}::UBIGINT AS INTEGER) | {_TRACE_BITS + 1})"
    zeros = f"bit_count(xor({own}, {own} - 1)) - 1"
    return f"least(({zeros}) // {_STEP_BITS}, $last_step)"


def params(step: int) -> dict[str, Any]:
    return {"others": _others(step)} if step else {}


def _others(step: int) -> int:
    """Bits that no call has that is looked at."""
    return (1 << _STEP_BITS * step) - 1
