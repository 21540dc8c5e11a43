"""The walk over many traces: by the native core, or in plain Python where that is missing."""

from typing import Final, Literal

import pyarrow as pa

from query.bottlenecks import slow
from query.bottlenecks.columns import Operations, Paths, Spans

try:
    import goldeneye_native
except ImportError:
    IS_NATIVE = False
else:
    IS_NATIVE = True

# Said in answers, as the status says it of the decoder.
CORE: Final[Literal["native", "slow"]] = "native" if IS_NATIVE else "slow"


def critical_paths(spans: Spans, tolerance: float) -> Paths:
    """The sections of each trace's path."""
    if not IS_NATIVE:
        return slow.critical_paths(spans, tolerance)
    return Paths(*goldeneye_native.critical_paths(spans, tolerance))


def critical_path_operations(
    spans: Spans, numbers: pa.Int32Array, failed: pa.BooleanArray, tolerance: float
) -> Operations:
    """The operations on each trace's path; `numbers` says which one each span is of."""
    if not IS_NATIVE:
        return slow.critical_path_operations(spans, numbers, failed, tolerance)
    found = goldeneye_native.critical_path_operations(spans, numbers, failed, tolerance)
    return Operations(*found)
