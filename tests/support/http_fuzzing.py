"""What must hold of any stream of requests, for the tests and for fuzzing."""

from hypothesis import strategies as st
from support import hostile_http
from support.committer import RecordingCommitter
from support.hostile_http import Ending, Request
from support.otlp_server import OtlpServer
from support.requests import spans

PIPELINES = st.lists(hostile_http.requests(), min_size=1, max_size=6)
PIECES = st.integers(1, 9)


def check_pipeline(
    server: OtlpServer, committer: RecordingCommitter, pipeline: list[Request], pieces: int
) -> None:
    """Each request gets its own answer; what is acknowledged is what was sent."""
    committer.reset()
    stream = b"".join(request.wire for request in pipeline)
    found = hostile_http.talk(server.http_address, stream, pieces, len(pipeline))
    _check_answers(found, pipeline)
    # Checksums catch what is corrupt.
    expected = [r.plain for status, r in zip(found, pipeline, strict=True) if status == 200]
    assert committer.bodies == expected


def check_ending(
    server: OtlpServer,
    committer: RecordingCommitter,
    pipeline: list[Request],
    ending: Ending,
    pieces: int,
) -> None:
    """What follows is refused or waited for, and does not touch what came before."""
    committer.reset()
    stream = b"".join(request.wire for request in pipeline) + ending.wire
    found = hostile_http.talk(server.http_address, stream, pieces, len(pipeline))
    _check_answers(found, pipeline)
    assert server.post("/v1/traces", spans(1)).status_code == 200, "it does not answer any more"


def _check_answers(found: list[int], pipeline: list[Request]) -> None:
    """One for each request, in order, and none but errors of the client after them."""
    for status, request in zip(found, pipeline, strict=False):
        assert status == 200 if request.is_intact else status in (200, 400, 413), found
    assert all(400 <= status < 500 for status in found[len(pipeline) :]), found
