"""A receiver on loopback, in front of a committer that remembers."""

from collections.abc import Iterator
from typing import Any

import pytest
from support.committer import RecordingCommitter
from support.otlp_server import OtlpServer, serving

from goldeneye.schemas import well_known_keys
from otlp_receiver.decoding import choose

KEYS = well_known_keys()
# Limits that tests can reach.
SMALL: dict[str, Any] = {
    "max_recv_msg_size_bytes": 65_536,
    "max_request_body_size_bytes": 65_536,
    "max_in_flight_bytes": 262_144,
}
DECODER = choose.decoder(KEYS)


@pytest.fixture(scope="module")
def shared_committer() -> RecordingCommitter:
    return RecordingCommitter()


@pytest.fixture(scope="module")
def server(shared_committer: RecordingCommitter) -> Iterator[OtlpServer]:
    """One for a file of tests; ask for `committer` to see what reached it."""
    with serving(shared_committer, DECODER) as found:
        yield found


@pytest.fixture(scope="module")
def small_server(shared_committer: RecordingCommitter) -> Iterator[OtlpServer]:
    """With 64 KiB a request, 256 KiB in flight."""
    with serving(shared_committer, DECODER, **SMALL) as found:
        yield found


@pytest.fixture
def committer(shared_committer: RecordingCommitter) -> RecordingCommitter:
    """What is behind the servers, as new."""
    shared_committer.reset()
    return shared_committer
