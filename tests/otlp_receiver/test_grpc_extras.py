"""What probes and explorers ask of a gRPC server."""

import threading
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest
from grpc_reflection.v1alpha.reflection_pb2_grpc import ServerReflectionStub
from support.committer import RecordingCommitter
from support.otlp_server import TIMEOUT_S, OtlpServer, method
from support.requests import spans

from goldeneye.schemas import SIGNALS, Signal, well_known_keys
from otlp_receiver.decoding import choose

SERVING, NOT_SERVING = HealthCheckResponse.SERVING, HealthCheckResponse.NOT_SERVING


def service(signal: Signal) -> str:
    return method(signal).split("/")[1]


@pytest.mark.parametrize("name", ["", *(service(signal) for signal in SIGNALS)])
def test_it_is_healthy_as_a_whole_and_by_service(server: OtlpServer, name: str) -> None:
    found = HealthStub(server.channel).Check(HealthCheckRequest(service=name), timeout=TIMEOUT_S)
    assert found.status == SERVING


def test_the_health_of_what_is_not_offered_is_not_known(server: OtlpServer) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        HealthStub(server.channel).Check(HealthCheckRequest(service="other"), timeout=TIMEOUT_S)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_who_watches_is_told_of_the_stop_before_it_comes(committer: RecordingCommitter) -> None:
    server = OtlpServer(committer, choose.decoder(well_known_keys()))
    server.start()
    watch = HealthStub(server.channel).Watch(HealthCheckRequest(), timeout=TIMEOUT_S)
    assert next(watch).status == SERVING
    with committer.held():
        call = server.call("traces").future(spans(1), timeout=TIMEOUT_S)
        committer.await_commit()
        stopping = threading.Thread(target=server.stop, args=(1.0,))
        stopping.start()
        assert next(watch).status == NOT_SERVING
    assert call.result() == b""
    stopping.join(TIMEOUT_S)


def asked(server: OtlpServer, **question: Any) -> Any:
    """The answer of the reflection service to one question."""
    requests = iter([ServerReflectionRequest(**question)])
    return next(
        ServerReflectionStub(server.channel).ServerReflectionInfo(requests, timeout=TIMEOUT_S)
    )


def test_reflection_names_every_service(server: OtlpServer) -> None:
    found = asked(server, list_services="").list_services_response.service
    assert {one.name for one in found} == {
        *(service(signal) for signal in SIGNALS),
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
    }


@pytest.mark.parametrize("signal", SIGNALS)
def test_reflection_describes_the_export(server: OtlpServer, signal: Signal) -> None:
    found = asked(server, file_containing_symbol=service(signal)).file_descriptor_response
    files = [FileDescriptorProto.FromString(one) for one in found.file_descriptor_proto]
    described = [one for file in files for one in file.service]
    assert [one.method[0].name for one in described] == ["Export"]
