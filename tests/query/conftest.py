"""One query service for many tests: starting workers is most of what a test would cost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.snapshots import PROMOTED, FakeSource

from goldeneye.clock import ManualClock
from goldeneye.limits import MIB
from query.service import QueryService
from query.settings import QuerySettings

MAX_ROWS = 1_000


def settings(data_dir: Path, timeout_s: float = 20.0, workers: int = 1) -> QuerySettings:
    return QuerySettings(data_dir, 256 * MIB, 2, timeout_s, MAX_ROWS, workers)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> FakeSource:
    return FakeSource(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def service(source: FakeSource) -> Iterator[QueryService]:
    service = QueryService(settings(source.data_dir), PROMOTED, source, ManualClock())
    yield service
    service.close()


@pytest.fixture
def data(source: FakeSource) -> Iterator[FakeSource]:
    """The module's source, without rows at first."""
    source.clear()
    yield source
    assert source.snapshots_held == 0
