"""What the C library keeps of memory that was freed, which is counted as the process's."""

import ctypes
from typing import Final

from goldeneye.limits import KIB, MIB

# glibc's numbers (malloc.h).
_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8
# A column of a few thousand rows and more is a mapping of its own, which ends when it is freed.
# Left alone, glibc raises this to 32 MiB, and batches that live long hold what was around them.
_OWN_MAPPING_BYTES: Final = 128 * KIB
_KEPT_BYTES: Final = MIB
# Each thread's own arena would keep what another thread freed.
_ARENAS: Final = 2
_LIBRARY: Final = ctypes.CDLL(None)


def keep_little() -> None:
    """Let what is freed go back to the system soon; nothing where the C library cannot be told.

    To be called before there are threads.
    """
    if (mallopt := getattr(_LIBRARY, "mallopt", None)) is not None:
        mallopt(_MMAP_THRESHOLD, _OWN_MAPPING_BYTES)
        mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
        mallopt(_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Give what is free back to the system now, also between what is used: some milliseconds."""
    if (trim := getattr(_LIBRARY, "malloc_trim", None)) is not None:
        trim(0)
