"""TLS and tokens on every listener of the real process, with the OpenTelemetry SDK as client."""

import json
import os
import socket
import ssl
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import grpc
import httpx
import pytest
import yaml
from google.rpc.status_pb2 import Status
from support import sdk
from support.certificates import Authority, Pair
from support.otlp_server import TIMEOUT_S, method
from support.requests import ONE_SPAN_JSON, spans
from support.server import GoldeneyeProcess, running

TOKENS = {"sender": "ingest", "reader": "read", "operator": "admin"}
PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def pair(authority: Authority) -> Pair:
    return authority.issue("server")


def _tokens_file(folder: Path) -> Path:
    entries = [
        {"name": name, "token": f"{name}-token", "scopes": [scope]}
        for name, scope in TOKENS.items()
    ]
    path = folder / "tokens.yaml"
    path.write_text(yaml.safe_dump(entries), encoding="utf-8")
    return path


def _tls(pair: Pair, client_ca_file: Path | None = None) -> dict[str, str]:
    names = {"CERT_FILE": pair.cert_file, "KEY_FILE": pair.key_file}
    if client_ca_file is not None:
        names["CLIENT_CA_FILE"] = client_ca_file
    sections = ("RECEIVER__GRPC", "RECEIVER__HTTP", "API", "QUERY__GRPC")
    return {
        f"GOLDENEYE_{section}__TLS__{name}": str(file)
        for section in sections
        for name, file in names.items()
    }


@pytest.fixture(scope="module")
def guarded(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority, pair: Pair
) -> Iterator[GoldeneyeProcess]:
    """TLS and tokens on all listeners."""
    folder = tmp_path_factory.mktemp("guarded")
    tokens = {"GOLDENEYE_AUTH__TOKENS_FILE": str(_tokens_file(folder))}
    with running(folder / "data", **_tls(pair), **tokens) as server:
        server.token, server.ca_file = "reader-token", authority.ca_file
        yield server


def _client(url: str, authority: Authority, token: str | None) -> httpx.Client:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    trust = ssl.create_default_context(cafile=authority.ca_file)
    return httpx.Client(base_url=url, verify=trust, headers=headers, timeout=TIMEOUT_S)


def _export(
    server: GoldeneyeProcess, authority: Authority, authorization: str | None, pair: Pair | None
) -> bytes:
    """One span over gRPC with TLS; RpcError where it is not taken."""
    credentials = grpc.ssl_channel_credentials(
        authority.ca_file.read_bytes(),
        *(() if pair is None else (pair.key_file.read_bytes(), pair.cert_file.read_bytes())),
    )
    # Each channel its own connection, so that each has a handshake of its own.
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)]
    metadata = () if authorization is None else (("authorization", authorization),)
    with grpc.secure_channel(server.grpc_endpoint, credentials, options) as channel:
        call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(method("traces"))
        return call(spans(1), timeout=TIMEOUT_S, metadata=metadata)


@pytest.mark.parametrize("protocol", ["grpc", "http/protobuf"])
def test_the_sdk_sends_over_tls_with_a_token(
    tmp_path: Path,
    authority: Authority,
    pair: Pair,
    protocol: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", str(authority.ca_file))
    # The library below the HTTP exporters believes these more than the variable above.
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20sender-token")
    tokens = {"GOLDENEYE_AUTH__TOKENS_FILE": str(_tokens_file(tmp_path))}
    with running(tmp_path / "data", **_tls(pair), **tokens) as server:
        server.token, server.ca_file = "reader-token", authority.ca_file
        grpc_url = f"https://{server.grpc_endpoint}"
        sdk.send(protocol, grpc_url if protocol == "grpc" else server.http_endpoint)
        sdk.check(server)


@pytest.mark.parametrize(
    ("authorization", "code", "message"),
    [
        (None, grpc.StatusCode.UNAUTHENTICATED, "a token is needed"),
        ("Bearer stranger", grpc.StatusCode.UNAUTHENTICATED, "not known"),
        ("Bearer reader-token", grpc.StatusCode.PERMISSION_DENIED, "'reader' .* scope ingest"),
    ],
)
def test_grpc_without_the_right_token(
    guarded: GoldeneyeProcess,
    authority: Authority,
    authorization: str | None,
    code: grpc.StatusCode,
    message: str,
) -> None:
    with pytest.raises(grpc.RpcError, match=message) as caught:
        _export(guarded, authority, authorization, None)
    assert caught.value.code() == code
    trailers = dict(caught.value.trailing_metadata())
    assert Status.FromString(trailers["grpc-status-details-bin"]).code == code.value[0]


@pytest.mark.parametrize("token", ["sender-token", "operator-token"])
def test_grpc_with_the_right_token(
    guarded: GoldeneyeProcess, authority: Authority, token: str
) -> None:
    assert _export(guarded, authority, f"Bearer {token}", None) == b""


@pytest.mark.parametrize(
    ("token", "http_status", "code", "challenge"),
    [
        (None, 401, 16, "Bearer"),
        ("stranger", 401, 16, "Bearer"),
        ("reader-token", 403, 7, "insufficient_scope"),
    ],
)
def test_otlp_http_without_the_right_token(
    guarded: GoldeneyeProcess,
    authority: Authority,
    token: str | None,
    http_status: int,
    code: int,
    challenge: str,
) -> None:
    with _client(guarded.http_endpoint, authority, token) as client:
        protobuf = client.post("/v1/traces", content=spans(1), headers=PROTOBUF)
        text = client.post("/v1/traces", content=ONE_SPAN_JSON, headers=JSON)
    for answer in (protobuf, text):
        assert answer.status_code == http_status
        assert challenge in answer.headers["WWW-Authenticate"]
        assert "Retry-After" not in answer.headers
    assert Status.FromString(protobuf.content).code == code
    assert text.json()["code"] == code


def test_otlp_http_with_the_right_token(guarded: GoldeneyeProcess, authority: Authority) -> None:
    with _client(guarded.http_endpoint, authority, "sender-token") as client:
        answer = client.post("/v1/traces", content=ONE_SPAN_JSON, headers=JSON)
    assert (answer.status_code, answer.json()) == (200, {})


def test_a_body_is_not_waited_for_where_the_token_is_missing(
    guarded: GoldeneyeProcess, authority: Authority
) -> None:
    """The answer comes although a byte of the body never does."""
    host, _, port = guarded.http_endpoint.rpartition("/")[2].rpartition(":")
    context = ssl.create_default_context(cafile=authority.ca_file)
    with (
        socket.create_connection((host, int(port)), TIMEOUT_S) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(
            b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{"
        )
        assert connection.recv(4096).startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize(
    ("verb", "path"), [("GET", "/api/v1/status"), ("POST", "/api/v1/sql"), ("GET", "/metrics")]
)
def test_the_api_asks_for_the_scope_read(
    guarded: GoldeneyeProcess, authority: Authority, verb: str, path: str
) -> None:
    body = {"sql": "SELECT 1"} if verb == "POST" else None
    expected = {None: 401, "stranger": 401, "sender-token": 403}
    for token, status in expected.items():
        with _client(guarded.api_url, authority, token) as client:
            answer = client.request(verb, path, json=body)
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == status
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    for token in ("reader-token", "operator-token"):
        with _client(guarded.api_url, authority, token) as client:
            assert client.request(verb, path, json=body).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/docs", "/openapi.json"])
def test_life_signs_and_docs_are_open(
    guarded: GoldeneyeProcess, authority: Authority, path: str
) -> None:
    with _client(guarded.api_url, authority, None) as client:
        assert client.get(path).status_code == 200


def test_what_changes_something_needs_admin_and_preflight_needs_nothing(
    guarded: GoldeneyeProcess, authority: Authority
) -> None:
    with _client(guarded.api_url, authority, "reader-token") as client:
        assert client.delete("/api/v1/anything").status_code == 403
        assert client.get("/api/v1/anything").status_code == 404
    with _client(guarded.api_url, authority, "operator-token") as client:
        assert client.delete("/api/v1/anything").status_code == 404
    for url in (guarded.api_url, guarded.http_endpoint):
        with _client(url, authority, None) as client:
            assert client.options("/v1/traces").status_code not in (401, 403)


def test_the_status_tells_what_guards_it(guarded: GoldeneyeProcess) -> None:
    assert guarded.get("/api/v1/status")["security"] == {
        "tokens": 3,
        "tls": dict.fromkeys(("grpc", "http", "api", "query_grpc"), "server"),
        "warnings": [],
    }


def test_questions_over_grpc_are_guarded_too(
    guarded: GoldeneyeProcess, authority: Authority
) -> None:
    trust = grpc.ssl_channel_credentials(authority.ca_file.read_bytes())
    with grpc.secure_channel(guarded.query_endpoint, trust) as channel:
        ask = channel.unary_unary("/goldeneye.query.v1.QueryService/SearchTraces")
        with pytest.raises(grpc.RpcError) as caught:
            ask(b"", timeout=20)
        assert caught.value.code() == grpc.StatusCode.UNAUTHENTICATED
        metadata = (("authorization", f"Bearer {guarded.token}"),)
        assert ask(b"", timeout=20, metadata=metadata) is not None


def test_changed_tokens_and_certificates_count_without_a_restart(
    tmp_path: Path, authority: Authority
) -> None:
    own = Pair(tmp_path / "server.pem", tmp_path / "server.key")
    own.replace(authority.issue("first"))
    file = _tokens_file(tmp_path)
    tokens = {"GOLDENEYE_AUTH__TOKENS_FILE": str(file)}
    with running(tmp_path / "data", **_tls(own), **tokens) as server:
        _export(server, authority, "Bearer sender-token", None)
        other = Authority(tmp_path / "others", "other")
        own.replace(other.issue("second"))
        file.write_text("[{name: n, token: new-token, scopes: [ingest]}]", encoding="utf-8")
        _export(server, other, "Bearer new-token", None)
        with pytest.raises(grpc.RpcError) as caught:
            _export(server, other, "Bearer sender-token", None)
        assert caught.value.code() == grpc.StatusCode.UNAUTHENTICATED
        with pytest.raises(grpc.RpcError) as caught:
            _export(server, authority, "Bearer new-token", None)
        assert caught.value.code() == grpc.StatusCode.UNAVAILABLE


def test_mutual_tls_on_every_listener(tmp_path: Path, authority: Authority, pair: Pair) -> None:
    others = Authority(tmp_path / "others", "other")
    client, stranger = authority.issue("client"), others.issue("stranger")
    ca_file = tmp_path / "clients.pem"
    ca_file.write_bytes(authority.ca_file.read_bytes())
    with running(tmp_path / "data", **_tls(pair, ca_file)) as server:
        assert _export(server, authority, None, client) == b""
        for refused in (None, stranger):
            with pytest.raises(grpc.RpcError) as caught:
                _export(server, authority, None, refused)
            assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
        for url, path in ((server.http_endpoint, "/v1/traces"), (server.api_url, "/healthz")):
            trust = ssl.create_default_context(cafile=authority.ca_file)
            with pytest.raises(httpx.TransportError):
                httpx.get(url + path, verify=trust)
            trust.load_cert_chain(client.cert_file, client.key_file)
            assert httpx.get(url + path, verify=trust).status_code in (200, 405)
        ca_file.write_bytes(others.ca_file.read_bytes())
        assert _export(server, authority, None, stranger) == b""
        with pytest.raises(grpc.RpcError) as caught:
            _export(server, authority, None, client)
        assert caught.value.code() == grpc.StatusCode.UNAVAILABLE


def _command(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "goldeneye", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_commands_show_a_token_and_trust_an_authority(
    guarded: GoldeneyeProcess, authority: Authority, tmp_path: Path
) -> None:
    file = tmp_path / "telemetry.jsonl"
    file.write_bytes(ONE_SPAN_JSON.replace(b"5b5b", b"77aa") + b"\n")
    trust = ("--ca-file", str(authority.ca_file))
    imported = ("import", str(file), "--endpoint", guarded.http_endpoint, *trust)
    refused = _command(*imported)
    assert refused.returncode == 1
    assert "401: a token is needed" in refused.stderr
    assert _command(*imported, "--token", "sender-token").returncode == 0

    ask = ("sql", "SELECT count(*) AS n FROM spans WHERE trace_id LIKE '77aa%'")
    where = ("--format", "json", "--server", guarded.api_url)
    by_variable = {
        "GOLDENEYE_TOKEN": "reader-token",
        "GOLDENEYE_CA_FILE": str(authority.ca_file),
    }
    answer = _command(*ask, *where, **by_variable)
    assert json.loads(answer.stdout)["rows"] == [[1]], answer.stderr
    denied = _command(*ask, *where, *trust, "--token", "sender-token")
    assert (denied.returncode, "scope read" in denied.stderr) == (1, True)


@pytest.mark.parametrize("protocol", ["grpc", "http/protobuf"])
def test_the_demo_shows_a_token_and_trusts_an_authority(
    guarded: GoldeneyeProcess, authority: Authority, protocol: str
) -> None:
    before = guarded.sql("SELECT count(*) AS n FROM spans")[0]["n"]
    url = f"https://{guarded.grpc_endpoint}" if protocol == "grpc" else guarded.http_endpoint
    demo = _command(
        *("demo", "--once", "--token", "sender-token", "--ca-file", str(authority.ca_file)),
        OTEL_EXPORTER_OTLP_ENDPOINT=url,
        OTEL_EXPORTER_OTLP_PROTOCOL=protocol,
    )
    assert demo.returncode == 0, demo.stderr
    assert guarded.sql("SELECT count(*) AS n FROM spans")[0]["n"] > before + 100


@pytest.mark.parametrize(
    "section",
    [
        "receiver.grpc.tls",
        *(
            pytest.param(section, marks=pytest.mark.slow)
            for section in ("receiver.http.tls", "api.tls", "query.grpc.tls")
        ),
    ],
)
def test_certificates_that_cannot_be_used_stop_the_start(
    tmp_path: Path, authority: Authority, pair: Pair, section: str
) -> None:
    prefix = "GOLDENEYE_" + section.replace(".", "__").upper()
    other = authority.issue("other")
    broken = {
        f"{section}: cert_file {pair.cert_file} needs a key_file": {"CERT_FILE": pair.cert_file},
        f"{section}: key_file {pair.key_file} needs a cert_file": {"KEY_FILE": pair.key_file},
        f"{section}: client_ca_file {pair.cert_file} needs": {"CLIENT_CA_FILE": pair.cert_file},
        f"{section}.key_file: {other.key_file} is not the key of {pair.cert_file}": {
            "CERT_FILE": pair.cert_file,
            "KEY_FILE": other.key_file,
        },
    }
    for message, files in broken.items():
        variables = {f"{prefix}__{name}": str(file) for name, file in files.items()}
        ended = _command("serve", "--data-dir", str(tmp_path / "data"), **variables)
        assert (ended.returncode, "Traceback" in ended.stderr) == (1, False)
        assert message in ended.stderr
    assert not (tmp_path / "data").exists()


def test_check_reads_the_files_that_a_configuration_names(tmp_path: Path, pair: Pair) -> None:
    config = tmp_path / "goldeneye.yaml"
    tls = {"cert_file": str(pair.cert_file), "key_file": str(pair.key_file)}
    document = {"api": {"tls": tls}, "auth": {"tokens_file": str(_tokens_file(tmp_path))}}
    config.write_text(yaml.safe_dump(document), encoding="utf-8")
    assert _command("check", str(config)).returncode == 0
    (tmp_path / "tokens.yaml").write_text("[]", encoding="utf-8")
    checked = _command("check", str(config))
    assert checked.returncode == 1
    assert f"{config}: auth.tokens_file: {tmp_path / 'tokens.yaml'}" in checked.stderr


def test_grpc_speaks_tls_1_2_and_1_3_alone_with_h2(
    guarded: GoldeneyeProcess, authority: Authority
) -> None:
    host, _, port = guarded.grpc_endpoint.rpartition(":")
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = ssl.create_default_context(cafile=authority.ca_file)
        context.minimum_version = context.maximum_version = version
        context.set_alpn_protocols(["h2"])
        with (
            socket.create_connection((host, int(port)), TIMEOUT_S) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as connection,
        ):
            assert connection.selected_alpn_protocol() == "h2"
    old = ssl.create_default_context(cafile=authority.ca_file)
    old.set_ciphers("DEFAULT@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection((host, int(port)), TIMEOUT_S) as plain,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        old.wrap_socket(plain, server_hostname="localhost")


def test_browsers_get_a_preflight_without_a_token_and_can_read_a_refusal(tmp_path: Path) -> None:
    variables = {
        "GOLDENEYE_AUTH__TOKENS_FILE": str(_tokens_file(tmp_path)),
        "GOLDENEYE_RECEIVER__HTTP__CORS__ALLOWED_ORIGINS": '["https://shop.example"]',
    }
    origin = {"Origin": "https://shop.example"}
    asking = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    with running(tmp_path / "data", **variables) as server:
        url = f"{server.http_endpoint}/v1/traces"
        preflight = httpx.options(url, headers=origin | asking)
        refused = httpx.post(url, content=ONE_SPAN_JSON, headers=origin | JSON)
    assert preflight.is_success
    assert "authorization" in preflight.headers["Access-Control-Allow-Headers"].lower()
    assert refused.status_code == 401
    assert refused.headers["Access-Control-Allow-Origin"] == "https://shop.example"


def test_the_docs_can_ask_for_a_token(guarded: GoldeneyeProcess) -> None:
    document = guarded.get("/openapi.json")
    assert document["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"
    assert document["paths"]["/api/v1/sql"]["post"]["security"] == [{"HTTPBearer": []}]
    assert "security" not in document["paths"]["/healthz"]["get"]


def test_listening_beyond_loopback_without_tokens_warns(tmp_path: Path) -> None:
    beyond = {"GOLDENEYE_RECEIVER__HTTP__ENDPOINT": "0.0.0.0:0"}
    with running(tmp_path / "data", **beyond) as server:
        [warning] = server.get("/api/v1/status")["security"]["warnings"]
        assert "receiver.http.endpoint 0.0.0.0:0" in warning
        assert "auth.tokens_file" in warning
        assert f"WARNING    {warning}" in server.log_file.read_text(encoding="utf-8")
