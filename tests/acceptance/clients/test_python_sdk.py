"""The OpenTelemetry Python SDK, all three signals, over gRPC and over HTTP with gzip."""

import pytest
from support import sdk
from support.server import GoldeneyeProcess


@pytest.mark.parametrize("protocol", ["grpc", "http/protobuf"])
def test_what_the_sdk_sent_is_read_back_equal(
    protocol: str, goldeneye_server: GoldeneyeProcess
) -> None:
    endpoint = (
        goldeneye_server.grpc_endpoint if protocol == "grpc" else goldeneye_server.http_endpoint
    )
    sdk.send(protocol, endpoint)
    sdk.check(goldeneye_server)

    goldeneye_server.restart()  # from files, what was answered from memory before
    sdk.check(goldeneye_server)
