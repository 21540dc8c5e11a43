"""What Python itself costs a server: looking for garbage, and threads that wait for others."""

import atexit
import gc
import sys
from typing import Final

# A thread that comes back from the disk waits so long for one that computes. With Python's 5 ms
# each commit waited several times, and small requests were a fifth fewer.
_SWITCH_INTERVAL_S: Final = 0.0005
# Requests make many objects and hardly a cycle; Python looks for cycles every 700 objects.
_NEW_OBJECTS: Final = 20_000


def settle() -> None:
    """To be called when all is loaded and started: that is not looked through again."""
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    gc.collect()
    gc.freeze()
    # Else what frees itself at the end of the process is never looked at, and says so.
    atexit.register(gc.unfreeze)
    gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])
