"""HTTP that is pipelined, chunked, corrupt inside or not HTTP at all, before the real receiver."""

import pytest
from hypothesis import HealthCheck, given, settings
from support import hostile_http
from support.committer import RecordingCommitter
from support.hostile_http import Ending, Request
from support.http_fuzzing import PIECES, PIPELINES, check_ending, check_pipeline
from support.otlp_server import OtlpServer
from support.requests import spans

SETTINGS = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@SETTINGS
@given(PIPELINES, PIECES)
def test_each_request_of_a_pipeline_gets_its_own_answer(
    server: OtlpServer, committer: RecordingCommitter, pipeline: list[Request], pieces: int
) -> None:
    check_pipeline(server, committer, pipeline, pieces)


@SETTINGS
@given(PIPELINES, hostile_http.endings(), PIECES)
def test_nonsense_is_refused_and_does_not_touch_what_came_before(
    server: OtlpServer,
    committer: RecordingCommitter,
    pipeline: list[Request],
    ending: Ending,
    pieces: int,
) -> None:
    check_ending(server, committer, pipeline, ending, pieces)


@pytest.mark.parametrize("coding", list(hostile_http.COMPRESS))
def test_every_prefix_of_a_compressed_body_is_refused(server: OtlpServer, coding: str) -> None:
    body = hostile_http.COMPRESS[coding](spans(2))
    answers = {
        server.post("/v1/traces", body[:end], Content_Encoding=coding).status_code
        for end in range(len(body))
    }
    assert answers == {400}
