"""`goldeneye` that tells where its CPU time goes; for benchmarks/stages.py.

python benchmarks/staged_server.py STEPS_FILE serve --data-dir DIR

Its threads have their names in /proc, which this Python does not do by itself. Steps that share a
thread are clocked; at the end their CPU seconds are in STEPS_FILE, by thread and step.
"""

import functools
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from goldeneye import cli
from storage.derived import Deriver
from storage.generation_writer import GenerationWriter
from storage.native_derivation import NativeDeriver
from storage.wal.log import WriteAheadLog

_COMM_LENGTH: Final = 15
_run: Final = threading.Thread.run
_taken_s: Final[dict[str, Counter[str]]] = {}


def _named_run(thread: threading.Thread) -> None:
    comm = Path(f"/proc/self/task/{threading.get_native_id()}/comm")
    comm.write_text(thread.name[:_COMM_LENGTH])
    _run(thread)


def _clocked(step: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def clocked(*arguments: Any) -> Any:
        start_s = time.thread_time()
        try:
            return method(*arguments)
        finally:
            steps = _taken_s.setdefault(threading.current_thread().name, Counter())
            steps[step] += time.thread_time() - start_s  # type: ignore[assignment]

    return clocked


def main() -> None:
    steps_file = Path(sys.argv.pop(1))
    threading.Thread.run = _named_run  # type: ignore[method-assign]
    WriteAheadLog.append = _clocked("wal", WriteAheadLog.append)  # type: ignore[method-assign]
    for one in (Deriver, NativeDeriver):
        one.derived = _clocked("derivation", one.derived)  # type: ignore[method-assign]
    GenerationWriter.write = _clocked("flush", GenerationWriter.write)  # type: ignore[method-assign]
    try:
        cli.main()
    finally:
        steps_file.write_text(json.dumps(_taken_s))


if __name__ == "__main__":
    main()
