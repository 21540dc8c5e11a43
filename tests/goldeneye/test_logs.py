"""What the log shows of an exception, and what it does not."""

import json
import os
import pty
import subprocess
import sys

SCRIPT = """
import structlog
from goldeneye import logs

logs.configure()

def fail(body):
    raise ValueError("this went wrong")

try:
    fail("what a customer sent: 4711")
except ValueError:
    structlog.get_logger("x").exception("a request failed", path="/v1/traces")
"""


def test_an_exception_is_told_without_the_variables_around_it() -> None:
    ended = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    (line,) = ended.stderr.splitlines()
    assert "4711" not in line
    found = json.loads(line)
    assert (found["event"], found["path"]) == ("a request failed", "/v1/traces")
    assert found["exception"][0]["exc_value"] == "this went wrong"
    assert any(frame["name"] == "fail" for frame in found["exception"][0]["frames"])


def test_nor_does_a_terminal_show_them() -> None:
    master, slave = pty.openpty()
    subprocess.run([sys.executable, "-c", SCRIPT], stderr=slave, check=True)
    os.close(slave)
    shown = os.read(master, 65_536).decode()
    os.close(master)
    assert "this went wrong" in shown
    assert "4711" not in shown
