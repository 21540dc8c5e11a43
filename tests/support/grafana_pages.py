"""The frontend of Grafana's Prometheus data source, installed once and run in Node."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
from support.alone import alone
from support.grafana import Grafana

FOLDER: Final = Path(__file__).parents[1] / "acceptance" / "clients" / "grafana-pages"
# Beside the tests it would be half a gigabyte that searches go through.
_PLACE: Final = FOLDER.parents[3] / "build" / "grafana-pages"


def installed() -> Path:
    """Its folder; some minutes at first and where the lock file has changed."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("no Node on this machine to run Grafana's frontend in")
    with alone(_PLACE):
        _install(npm)
    return _PLACE


def _install(npm: str) -> None:
    lock, done = FOLDER / "package-lock.json", _PLACE / "installed.json"
    shutil.copytree(FOLDER, _PLACE, dirs_exist_ok=True)
    if done.exists() and done.read_bytes() == lock.read_bytes():
        return
    given = subprocess.run(
        [npm, "ci", "--silent"], cwd=_PLACE, capture_output=True, text=True, timeout=1200
    )
    if given.returncode != 0:
        pytest.skip(f"npm could not install Grafana's frontend: {given.stderr[-300:]}")
    shutil.copy(lock, done)


def shown(grafana: Grafana, http_method: str, end_s: int) -> dict[str, Any]:
    """What it makes of a data source whose last points are at `end_s`; it must be installed."""
    url = str(grafana.client.base_url).rstrip("/")
    asked = subprocess.run(
        ["node", "ask.cjs", url, http_method, str(end_s)],
        cwd=_PLACE,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert asked.returncode == 0, asked.stderr
    found: dict[str, Any] = json.loads(asked.stdout)
    return found
