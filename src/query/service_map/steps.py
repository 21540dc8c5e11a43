"""At which step of the sample a map begins: few enough spans, and most of them counted already."""

from collections.abc import Sequence
from typing import Final

from goldeneye import limits
from goldeneye.snapshot import FileEntry
from query.service_map.memory import CallMemory
from query.service_map.sample import MAX_STEP, least_step

# So many steps more where files are counted at them: a quarter of what is looked at is enough.
_MORE: Final = 1
# One of so many spans may be counted anew, so that a map is no coarser than it has to be.
_ANEW: Final = 10


def first_step(memory: CallMemory, files: Sequence[FileEntry], spans: int) -> int:
    """Of a map of so many spans, most of which are in these files. 0: all are looked at."""
    least = least_step(spans, limits.MAX_MAP_SPANS)
    step = memory.first_that_fits(least, spans)
    if least == 0 or not files:
        return step
    last = min(step + _MORE, MAX_STEP)
    most = _unknown(memory, files, last) + sum(file.row_count for file in files) // _ANEW
    return next(one for one in range(step, last + 1) if _unknown(memory, files, one) <= most)


def _unknown(memory: CallMemory, files: Sequence[FileEntry], step: int) -> int:
    return sum(file.row_count for file in files if not memory.has_calls(file.id, step))
