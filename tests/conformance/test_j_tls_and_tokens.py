"""J, lines 138 to 142: TLS of each listener, client certificates, and tokens."""

import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import httpx
import pytest
from google.rpc.status_pb2 import Status
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpans
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from support.certificates import Authority, Pair
from support.otlp_server import TIMEOUT_S, method
from support.requests import ONE_SPAN_JSON, spans
from support.server import GoldeneyeProcess, running

BODIES = {"application/x-protobuf": spans(1), "application/json": ONE_SPAN_JSON}
TOKENS = """
- {name: sender, token: may-send, scopes: [ingest]}
- {name: reader, token: may-read, scopes: [read]}
"""


@dataclass(frozen=True)
class Certified:
    """A server, and who signed its certificates."""

    server: GoldeneyeProcess
    authority: Authority
    pair: Pair


@pytest.fixture(scope="module")
def tokened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoldeneyeProcess]:
    folder = tmp_path_factory.mktemp("tokened")
    file = folder / "tokens.yaml"
    file.write_text(TOKENS, encoding="utf-8")
    with running(folder / "data", GOLDENEYE_AUTH__TOKENS_FILE=str(file)) as server:
        server.token = "may-read"
        yield server


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Certified]:
    """gRPC wants client certificates, HTTP has TLS, the API speaks in the clear."""
    folder = tmp_path_factory.mktemp("mixed")
    authority = Authority(folder)
    pair = authority.issue("server")
    variables = {
        "GOLDENEYE_RECEIVER__GRPC__TLS__CERT_FILE": pair.cert_file,
        "GOLDENEYE_RECEIVER__GRPC__TLS__KEY_FILE": pair.key_file,
        "GOLDENEYE_RECEIVER__GRPC__TLS__CLIENT_CA_FILE": authority.ca_file,
        "GOLDENEYE_RECEIVER__HTTP__TLS__CERT_FILE": pair.cert_file,
        "GOLDENEYE_RECEIVER__HTTP__TLS__KEY_FILE": pair.key_file,
    }
    values = {name: str(file) for name, file in variables.items()}
    with running(folder / "data", **values) as server:
        yield Certified(server, authority, pair)


def _export(channel: grpc.Channel, authorization: str | None = None) -> bytes:
    metadata = () if authorization is None else (("authorization", authorization),)
    call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(method("traces"))
    return call(spans(1), timeout=TIMEOUT_S, metadata=metadata)


def _secure(mixed: Certified, client: Pair | None) -> grpc.Channel:
    own = () if client is None else (client.key_file.read_bytes(), client.cert_file.read_bytes())
    credentials = grpc.ssl_channel_credentials(mixed.authority.ca_file.read_bytes(), *own)
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)]
    return grpc.secure_channel(mixed.server.grpc_endpoint, credentials, options)


def test_138_each_listener_has_tls_of_its_own(mixed: Certified) -> None:
    trust = ssl.create_default_context(cafile=mixed.authority.ca_file)
    assert mixed.server.http_endpoint.startswith("https://")
    answer = httpx.post(
        f"{mixed.server.http_endpoint}/v1/traces",
        content=ONE_SPAN_JSON,
        headers={"Content-Type": "application/json"},
        verify=trust,
    )
    assert answer.status_code == 200
    assert mixed.server.api_url.startswith("http://")
    assert mixed.server.get("/healthz") == {"status": "alive"}


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(("transport", "protocol"), [("grpc", "h2"), ("http", "http/1.1")])
def test_138_tls_is_1_2_or_later(
    mixed: Certified, transport: str, protocol: str, version: ssl.TLSVersion
) -> None:
    context = ssl.create_default_context(cafile=mixed.authority.ca_file)
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["h2", "http/1.1"])
    client = mixed.authority.issue("client")
    context.load_cert_chain(client.cert_file, client.key_file)
    endpoint = getattr(mixed.server, f"{transport}_endpoint").rpartition("/")[2]
    host, _, port = endpoint.rpartition(":")
    with (
        socket.create_connection((host, int(port)), TIMEOUT_S) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as peer,
    ):
        assert peer.version() == version.name.replace("_", ".")
        assert peer.selected_alpn_protocol() == protocol


@pytest.mark.parametrize("listener", ["GRPC", "HTTP"])
def test_138_a_certificate_without_its_key_is_a_start_up_error(
    tmp_path: Path, mixed: Certified, listener: str
) -> None:
    prefix = f"GOLDENEYE_RECEIVER__{listener}__TLS"
    certificate = {f"{prefix}__CERT_FILE": str(mixed.pair.cert_file)}
    missing = tmp_path / "missing.key"
    for key in ({}, {f"{prefix}__KEY_FILE": str(missing)}):
        ended = subprocess.run(
            [sys.executable, "-m", "goldeneye", "serve", "--data-dir", str(tmp_path / "data")],
            env={**os.environ, **certificate, **key},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ended.returncode == 1
        assert "key_file" in ended.stderr
        assert str(missing if key else mixed.pair.cert_file) in ended.stderr


def test_139_clients_must_show_a_certificate_of_the_authority(
    mixed: Certified, tmp_path: Path
) -> None:
    with _secure(mixed, mixed.authority.issue("client")) as channel:
        assert _export(channel) == b""
    for client in (None, Authority(tmp_path, "other").issue("stranger")):
        with _secure(mixed, client) as channel, pytest.raises(grpc.RpcError) as caught:
            _export(channel)
        assert caught.value.code() == grpc.StatusCode.UNAVAILABLE


def test_139_a_changed_certificate_is_shown_without_a_restart(mixed: Certified) -> None:
    host, _, port = mixed.server.http_endpoint.rpartition("/")[2].rpartition(":")
    context = ssl.create_default_context(cafile=mixed.authority.ca_file)
    serials = []
    for name in ("second", "third"):
        mixed.pair.replace(mixed.authority.issue(name))
        with (
            socket.create_connection((host, int(port)), TIMEOUT_S) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secure,
        ):
            certificate = secure.getpeercert()
            assert certificate is not None
            serials.append(certificate["serialNumber"])
    assert serials[0] != serials[1]


@pytest.mark.parametrize(
    ("authorization", "code", "http_status"),
    [
        (None, grpc.StatusCode.UNAUTHENTICATED, 401),
        ("Bearer unknown", grpc.StatusCode.UNAUTHENTICATED, 401),
        ("Basic bWF5LXNlbmQ6", grpc.StatusCode.UNAUTHENTICATED, 401),
        ("Bearer may-read", grpc.StatusCode.PERMISSION_DENIED, 403),
    ],
)
def test_140_who_may_not_send_is_told_so_and_not_to_retry(
    tokened: GoldeneyeProcess,
    authorization: str | None,
    code: grpc.StatusCode,
    http_status: int,
) -> None:
    with (
        grpc.insecure_channel(tokened.grpc_endpoint) as channel,
        pytest.raises(grpc.RpcError) as caught,
    ):
        _export(channel, authorization)
    assert caught.value.code() == code
    trailers = dict(caught.value.trailing_metadata())
    assert "google.rpc.retryinfo-bin" not in trailers
    for content_type, body in BODIES.items():
        headers = {"Content-Type": content_type}
        headers |= {} if authorization is None else {"Authorization": authorization}
        url = f"{tokened.http_endpoint}/v1/traces"
        answer = httpx.post(url, content=body, headers=headers)
        assert answer.status_code == http_status
        assert answer.headers["Content-Type"] == content_type
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert "Retry-After" not in answer.headers
        found = (
            answer.json()["code"]
            if content_type == "application/json"
            else Status.FromString(answer.content).code
        )
        assert found == code.value[0]


def test_141_nothing_of_the_body_is_needed_for_the_answer(tokened: GoldeneyeProcess) -> None:
    host, _, port = tokened.http_endpoint.rpartition("/")[2].rpartition(":")
    with socket.create_connection((host, int(port)), TIMEOUT_S) as peer:
        peer.sendall(
            b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\n"
            b"Content-Type: application/x-protobuf\r\nContent-Length: 1000000\r\n\r\n"
        )
        assert peer.recv(4096).startswith(b"HTTP/1.1 401")


def test_141_grpc_answers_before_a_message_is_sent(tokened: GoldeneyeProcess) -> None:
    """The client's stream is open, and its first message never comes."""
    answered = threading.Event()

    def messages() -> Iterator[bytes]:
        answered.wait(TIMEOUT_S)
        yield from ()

    with grpc.insecure_channel(tokened.grpc_endpoint) as channel:
        pending = channel.stream_unary(method("traces")).future(messages(), timeout=TIMEOUT_S / 2)
        assert pending.code() == grpc.StatusCode.UNAUTHENTICATED
        answered.set()


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_142_the_headers_of_the_sdk_s_variable_carry_the_token(
    tokened: GoldeneyeProcess, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = f"x-scope-orgid=shop,authorization=Bearer%20may-send,x-note=a%2Cb-{protocol}"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", headers)
    exporter = (
        GrpcSpans(endpoint=f"http://{tokened.grpc_endpoint}", insecure=True)
        if protocol == "grpc"
        else HttpSpans(endpoint=f"{tokened.http_endpoint}/v1/traces")
    )
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    provider.get_tracer("conformance").start_span(f"by {protocol}").end()
    provider.shutdown()
    found = tokened.sql("SELECT count(*) AS n FROM spans WHERE name = ?", [f"by {protocol}"])
    assert found == [{"n": 1}]


def test_142_a_space_that_was_not_decoded_is_taken(tokened: GoldeneyeProcess) -> None:
    with grpc.insecure_channel(tokened.grpc_endpoint) as channel:
        assert _export(channel, "Bearer%20may-send") == b""
