"""How the process ends."""

import subprocess
import sys
from typing import Final

STUCK: Final = """
import asyncio, os, signal, threading
from goldeneye.commands import serve
from goldeneye.config import Config

class Stuck:
    def __init__(self, config): ...

    async def start(self):
        os.kill(os.getpid(), signal.SIGTERM)

    async def stop(self):
        asyncio.get_running_loop().run_in_executor(None, threading.Event().wait)
        return False

serve.Server, serve.announce = Stuck, lambda server: None
serve.serve(Config())
"""


def test_a_part_that_does_not_stop_does_not_keep_the_process() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", STUCK], capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 1, ended.stderr
