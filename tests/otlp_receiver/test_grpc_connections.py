"""gRPC connections as a whole: keepalive, their age, and how much they carry."""

import time

import pytest
from support.committer import RecordingCommitter
from support.http2_connection import ENHANCE_YOUR_CALM, NO_ERROR, GoneAway, connected
from support.otlp_server import OtlpServer, serving
from support.requests import spans

from goldeneye.schemas import well_known_keys
from otlp_receiver.decoding import choose
from otlp_receiver.settings import GrpcConnections

DECODER = choose.decoder(well_known_keys())


def test_a_connection_without_calls_may_be_kept_alive_by_pings(server: OtlpServer) -> None:
    """More often than the 10 s of the Collector's exporter, and more than the core's two."""
    with connected(server.grpc_address) as connection:
        for _ in range(4):
            connection.ping()
            time.sleep(1.05)  # what is measured here is time itself
        connection.ping()


def test_a_flood_of_pings_ends_the_connection(server: OtlpServer) -> None:
    with connected(server.grpc_address) as connection:
        connection.ping_at_once(4)
        with pytest.raises(GoneAway) as caught:
            connection.await_end()
    assert caught.value.code == ENHANCE_YOUR_CALM
    assert server.export("traces", spans(1)) == b""


@pytest.mark.slow
def test_a_connection_carries_as_many_calls_as_it_says(
    server: OtlpServer, committer: RecordingCommitter
) -> None:
    with connected(server.grpc_address) as connection:
        assert connection.max_concurrent_streams == 1_000
    settings = GrpcConnections(max_concurrent_streams=123)
    with (
        serving(committer, DECODER, grpc_connections=settings) as other,
        connected(other.grpc_address) as connection,
    ):
        assert connection.max_concurrent_streams == 123


def test_an_old_connection_is_told_to_come_anew(committer: RecordingCommitter) -> None:
    settings = GrpcConnections(max_age_s=0.5, max_age_grace_s=5)
    with serving(committer, DECODER, grpc_connections=settings) as server:
        with connected(server.grpc_address) as connection, pytest.raises(GoneAway) as caught:
            connection.await_end()
        assert caught.value.code == NO_ERROR
        call = server.call("traces")
        with committer.held():
            waiting = call.future(spans(1), timeout=10)
            committer.await_commit()
            time.sleep(0.7)  # older than the connection may be
        assert waiting.result() == b""
        assert call(spans(2), timeout=10) == b""
    assert committer.bodies == [spans(1), spans(2)]
