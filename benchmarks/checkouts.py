"""Other commits of this repository, set up beside the working tree."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]


def python_of(commit: str, folder: Path) -> str:
    """The interpreter of a commit's own environment, made in `folder` where it is not there yet."""
    sha = _output(["git", "rev-parse", "--short=12", f"{commit}^{{commit}}"], ROOT)
    checkout = folder / sha
    if not checkout.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _output(["git", "clone", "--quiet", "--shared", str(ROOT), str(checkout)], ROOT)
        _output(["git", "checkout", "--quiet", sha], checkout)
    # What the native module is built on is the same in most commits, and takes minutes.
    _output(["make", "setup"], checkout, CARGO_TARGET_DIR=str(folder / "target"))
    return str(checkout / ".venv" / "bin" / "python")


def _output(command: Sequence[str], folder: Path, **environment: str) -> str:
    environment = {**os.environ, **environment}
    ended = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise SystemExit(f"{' '.join(command)} in {folder}: {ended.stderr}")
    return ended.stdout.strip()
