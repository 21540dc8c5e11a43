"""One server for all tests, and some of other configurations; each starts when first asked for."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from support.live import ORIGIN, Live, start
from support.server import GoldeneyeProcess

# What Python imports at the start of any process that has this folder on its path.
DEFECT = Path(__file__).parent / "defect"


@contextmanager
def _live(folders: pytest.TempPathFactory, name: str, **environment: str) -> Iterator[Live]:
    server = start(folders.mktemp(name), **environment)
    found = Live(server)
    try:
        yield found
    finally:
        found.close()
        server.stop()


@pytest.fixture(scope="session")
def _usual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with _live(tmp_path_factory, "usual") as found:
        yield found


@pytest.fixture(scope="session")
def _small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    limits = {
        "receiver__grpc__max_recv_msg_size_mib": "1",
        "receiver__http__max_request_body_size_mib": "1",
        "receiver__max_in_flight_mib": "2",
    }
    with _live(tmp_path_factory, "small", **limits) as found:
        yield found


@pytest.fixture(scope="session")
def _full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with _live(tmp_path_factory, "full", storage__min_free_mib="1000000000") as found:
        yield found


@pytest.fixture(scope="session")
def _broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    path = os.pathsep.join([str(DEFECT), *filter(None, [os.environ.get("PYTHONPATH")])])
    server = GoldeneyeProcess(tmp_path_factory.mktemp("broken") / "data", {"PYTHONPATH": path})
    found = Live(server.start())
    try:
        yield found
    finally:
        found.close()
        server.stop()


@pytest.fixture(scope="session")
def _guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    entries = [
        {"name": scope, "token": f"{scope}-token", "scopes": [scope]}
        for scope in ("ingest", "read", "admin")
    ]
    tokens_file = tmp_path_factory.mktemp("tokens") / "tokens.yaml"
    tokens_file.write_text(yaml.safe_dump(entries), encoding="utf-8")
    settings = {
        "auth__tokens_file": str(tokens_file),
        "receiver__http__cors__allowed_origins": json.dumps([ORIGIN, "https://*.example.org"]),
        "receiver__http__cors__allowed_headers": json.dumps(["X-Own"]),
        "receiver__http__cors__max_age_s": "600",
        "receiver__grpc__max_recv_msg_size_mib": "1",
        "receiver__http__max_request_body_size_mib": "1",
        "receiver__max_in_flight_mib": "2",
    }
    with _live(tmp_path_factory, "guarded", **settings) as found:
        found.server.token = "read-token"
        yield found


@pytest.fixture
def live(_usual: Live) -> Live:
    """The server as it is without configuration."""
    _usual.mark()
    return _usual


@pytest.fixture
def small(_small: Live) -> Live:
    """With 1 MiB a request and 2 MiB in flight."""
    _small.mark()
    return _small


@pytest.fixture
def full(_full: Live) -> Live:
    """On a disk that has too little room: every request is to come again."""
    _full.mark()
    return _full


@pytest.fixture
def broken(_broken: Live) -> Live:
    """With a defect of ours in it, which every request meets."""
    _broken.mark()
    return _broken


@pytest.fixture
def guarded(_guarded: Live) -> Live:
    """With tokens, CORS for `ORIGIN`, and the limits of `small`."""
    _guarded.mark()
    return _guarded
