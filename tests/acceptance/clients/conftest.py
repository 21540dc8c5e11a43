"""What the tests of foreign clients share."""

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
CLIENT = HERE / "javascript"


@pytest.fixture(scope="session")
def javascript_client() -> Path:
    """The client's folder with its packages in place."""
    if not (CLIENT / "node_modules").is_dir():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("no npm on this machine")
        installed = subprocess.run(
            [npm, "ci", "--silent"], cwd=CLIENT, capture_output=True, text=True, timeout=300
        )
        if installed.returncode != 0:
            pytest.skip(f"npm could not install the SDK: {installed.stderr[-300:]}")
    return CLIENT


@pytest.fixture(scope="session")
def go_client() -> Path:
    """The program of the Go SDK, built anew where it has changed."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("no Go on this machine")
    program = ROOT / "build" / "numbered-go"
    built = subprocess.run(
        [go, "build", "-o", program, "."],
        cwd=HERE / "go",
        capture_output=True,
        text=True,
        timeout=600,
    )
    if built.returncode != 0:
        pytest.skip(f"the Go SDK could not be built: {built.stderr[-300:]}")
    return program
