"""A server of its own for each test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.server import GoldeneyeProcess, running


@pytest.fixture
def goldeneye_server(tmp_path: Path) -> Iterator[GoldeneyeProcess]:
    """The real process over an empty data folder."""
    with running(tmp_path / "data") as server:
        yield server
