"""Which calls are looked at: those of some traces, told by a hash of the trace's id.

At each step half the traces of the step before are left. A call belongs to the trace of the span
that calls, so that a link to another trace is looked at with its producer.
"""

from typing import Any, Final

import numpy as np

from query.service_map.kinds import Numbers

# So many bits of a call's key are those of its trace, and so many steps there are.
MAX_STEP: Final = 16
# What is counted at one step can be narrowed to so many more of them; each costs groups.
FURTHER_STEPS: Final = 4
_TRACE_BITS: Final = (1 << MAX_STEP) - 1
_OTHER_BITS: Final = (1 << 64) - 1 - _TRACE_BITS


def share(step: int) -> float:
    """Of the traces."""
    return 1.0 / (1 << step)


def last_step(step: int) -> int:
    """To which what is counted at this one can be narrowed."""
    return min(step + FURTHER_STEPS, MAX_STEP)


def in_sample(keys: Numbers, step: int) -> Numbers:
    """Of each key whether its call is looked at."""
    found: Numbers = keys & np.uint64((1 << step) - 1) == 0
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
    # The zeros before the lowest bit, and one more, become ones; without a bit there are MAX_STEP.
    own = f"(CAST({bits} & {_TRACE_BITS}::UBIGINT AS INTEGER) | {_TRACE_BITS + 1})"
    return f"least(bit_count(xor({own}, {own} - 1)) - 1, $last_step)"


def params(step: int) -> dict[str, Any]:
    return {"others": (1 << step) - 1} if step else {}
