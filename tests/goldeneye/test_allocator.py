import ctypes
import subprocess
import sys

import pytest

# Small blocks, of which every hundredth is kept: what is free lies between what is used.
_PROGRAM = """
import ctypes, re, threading
from pathlib import Path
from goldeneye import allocator

def resident_mib():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) >> 10

library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
library.malloc.argtypes = [ctypes.c_size_t]
library.free.argtypes = [ctypes.c_void_p]
if {kept}:
    allocator.keep_little()

def churn(size, count):
    blocks = [library.malloc(size) for _ in range(count)]
    for block in blocks:
        ctypes.memset(block, 1, size)
    for number, block in enumerate(blocks):
        if number % 100:
            library.free(block)

before = resident_mib()
# Once freed, a large block would teach glibc to keep such in the heap.
library.free(library.malloc(16 << 20))
churn(1 << 20, 150)
print(resident_mib() - before)
churn(16 << 10, 8_000)
print(resident_mib() - before)
allocator.give_back()
print(resident_mib() - before)
"""


def _measured(kept: bool) -> list[int]:
    program = _PROGRAM.replace("{kept}", str(kept))
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    return [int(line) for line in done.stdout.split()]


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="not glibc")
def test_large_blocks_go_back_at_once_and_small_ones_when_told() -> None:
    large, small, after = _measured(kept=True)
    assert large < 20
    assert small > 80
    assert after < 20
    without, *_ = _measured(kept=False)
    assert without > 100
