"""amtool, Alertmanager's own command, against the real process.

AMTOOL names it, or it lies in build/ or on the path.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support.server import GoldeneyeProcess

BUILT = Path(__file__).parents[3] / "build" / "amtool"
Amtool = Callable[..., str]
pytestmark = pytest.mark.foreign


@pytest.fixture
def amtool(goldeneye_server: GoldeneyeProcess) -> Amtool:
    """Its output; where it fails, what it says is raised."""
    program = os.environ.get("AMTOOL") or shutil.which("amtool") or str(BUILT)
    if not Path(program).is_file():
        pytest.skip("no amtool on this machine (AMTOOL, build/amtool)")

    def run(*arguments: str) -> str:
        url = f"--alertmanager.url={goldeneye_server.api_url}/alertmanager"
        command = [program, url, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    return run


def test_alerts_are_added_and_asked_for(amtool: Amtool) -> None:
    amtool("alert", "add", "alertname=Disk", "service=db", "--annotation=summary=full")
    amtool("alert", "add", "alertname=Load", "service=web")
    (alert,) = json.loads(amtool("-o", "json", "alert", "query", "service=~d.*"))
    assert alert["labels"] == {"alertname": "Disk", "service": "db"}
    assert "full" in amtool("-o", "extended", "alert", "query")


def test_a_silence_is_made_changed_and_ended(amtool: Amtool) -> None:
    amtool("alert", "add", "alertname=Disk", "service=db")
    made = amtool("silence", "add", "service=db", "-c", "known", "-a", "ann", "-d", "2h").strip()
    assert made in amtool("silence", "query", "service=db")
    assert "Disk" not in amtool("alert", "query")
    assert "suppressed" in amtool("alert", "query", "--silenced")
    assert made in amtool("silence", "update", "-d", "5h", made)
    amtool("silence", "expire", made)
    assert made not in amtool("silence", "query")
    assert made in amtool("silence", "query", "--expired")
    with pytest.raises(RuntimeError, match="already expired"):
        amtool("silence", "expire", made)
    with pytest.raises(RuntimeError, match="must not match the empty string"):
        amtool("silence", "add", "a=~.*", "-c", "all")


def test_the_configuration_is_shown_and_understood(amtool: Amtool) -> None:
    assert "receiver: nobody" in amtool("config", "show")
    assert "nobody" in amtool("config", "routes", "show")
    assert amtool("config", "routes", "test", "service=db").strip() == "nobody"
    assert "disabled" in amtool("cluster", "show")
