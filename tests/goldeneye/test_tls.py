"""TLS of the HTTP listeners: what is spoken, who is let in, and files that change or are wrong."""

import asyncio
import os
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvloop
from starlette.responses import PlainTextResponse
from support.certificates import Authority, Pair

from goldeneye.errors import StartupError
from goldeneye.http_server import HttpServer
from goldeneye.tls import Tls, TlsFiles

TIMEOUT_S = 20.0


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def pair(authority: Authority, tmp_path: Path) -> Pair:
    """The server's, in files that a test may change."""
    return _copy(authority.issue("first"), tmp_path)


def _copy(pair: Pair, folder: Path) -> Pair:
    found = Pair(folder / "server.pem", folder / "server.key")
    found.replace(pair)
    return found


def _files(pair: Pair, client_ca_file: Path | None = None) -> TlsFiles:
    return TlsFiles("api.tls", pair.cert_file, pair.key_file, client_ca_file)


@contextmanager
def _serving(tls: Tls) -> Iterator[int]:
    """An application that answers "hello", on a free port."""
    loop = uvloop.new_event_loop()  # as the product does
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = HttpServer(PlainTextResponse("hello"), "127.0.0.1:0", "tests", "none", tls)
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(TIMEOUT_S)
    try:
        yield int(server.address.rpartition(":")[2])
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(5), loop).result(TIMEOUT_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(TIMEOUT_S)
        loop.close()


def _trusting(authority: Authority, client: Pair | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=authority.ca_file)
    context.set_alpn_protocols(["h2", "http/1.1"])
    if client is not None:
        context.load_cert_chain(client.cert_file, client.key_file)
    return context


@contextmanager
def _connected(
    port: int, context: ssl.SSLContext, session: ssl.SSLSession | None = None
) -> Iterator[ssl.SSLSocket]:
    with (
        socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as plain,
        context.wrap_socket(plain, server_hostname="localhost", session=session) as secure,
    ):
        yield secure


def _ask(connection: ssl.SSLSocket) -> bytes:
    connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    answer = b""
    while part := connection.recv(4096):
        answer += part
    return answer


def _subject(port: int, context: ssl.SSLContext) -> str:
    """The common name of the certificate that the server shows now."""
    with _connected(port, context) as connection:
        assert b"hello" in _ask(connection)
        certificate = connection.getpeercert()
    assert certificate is not None
    return dict(part[0] for part in certificate["subject"])["commonName"]  # type: ignore[misc]


def _is_refused(port: int, context: ssl.SSLContext, session: ssl.SSLSession | None = None) -> bool:
    """Whether there is no answer; in TLS 1.3 that shows only after the client's handshake."""
    try:
        with _connected(port, context, session) as connection:
            return _ask(connection) == b""
    except (ssl.SSLError, ConnectionError):
        return True


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_are_spoken_with_http_1_1(
    pair: Pair, authority: Authority, version: ssl.TLSVersion
) -> None:
    context = _trusting(authority)
    context.minimum_version = context.maximum_version = version
    with _serving(Tls(_files(pair))) as port, _connected(port, context) as connection:
        assert connection.version() == version.name.replace("_", ".")
        assert connection.selected_alpn_protocol() == "http/1.1"
        assert _ask(connection).startswith(b"HTTP/1.1 200")


@pytest.mark.filterwarnings("ignore:.*TLSv1_1:DeprecationWarning")
def test_older_versions_are_refused(pair: Pair, authority: Authority) -> None:
    context = _trusting(authority)
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with _serving(Tls(_files(pair))) as port:
        assert _is_refused(port, context)


def test_a_client_certificate_is_asked_for_and_verified(
    pair: Pair, authority: Authority, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path / "strangers", "stranger").issue("stranger-client")
    with _serving(Tls(_files(pair, authority.ca_file))) as port:
        assert _subject(port, _trusting(authority, authority.issue("client"))) == "first"
        for client in (None, stranger):
            assert _is_refused(port, _trusting(authority, client))


def test_new_connections_get_a_changed_certificate_and_old_ones_go_on(
    pair: Pair, authority: Authority
) -> None:
    context = _trusting(authority)
    with _serving(Tls(_files(pair))) as port, _connected(port, context) as old:
        assert _subject(port, context) == "first"
        pair.replace(authority.issue("second"))
        assert _subject(port, context) == "second"
        assert b"hello" in _ask(old)


def test_a_changed_authority_counts_for_new_connections(
    pair: Pair, authority: Authority, tmp_path: Path
) -> None:
    ca_file = tmp_path / "clients.pem"
    ca_file.write_bytes(authority.ca_file.read_bytes())
    other = Authority(tmp_path / "others", "other")
    with _serving(Tls(_files(pair, ca_file))) as port:
        assert _subject(port, _trusting(authority, authority.issue("client"))) == "first"
        ca_file.write_bytes(other.ca_file.read_bytes())
        assert _subject(port, _trusting(authority, other.issue("other-client"))) == "first"
        assert _is_refused(port, _trusting(authority, authority.issue("late")))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_session_is_not_resumed_past_a_change_of_authority(
    pair: Pair, authority: Authority, tmp_path: Path, version: ssl.TLSVersion
) -> None:
    """Resuming asks for no certificate: it would let in whom the new authority does not know."""
    ca_file = tmp_path / "clients.pem"
    ca_file.write_bytes(authority.ca_file.read_bytes())
    context = _trusting(authority, authority.issue("client"))
    context.minimum_version = context.maximum_version = version
    with _serving(Tls(_files(pair, ca_file))) as port:
        with _connected(port, context) as first:
            assert b"hello" in _ask(first)
            session = first.session
        with _connected(port, context, session) as again:
            assert (b"hello" in _ask(again), again.session_reused) == (True, True)
        ca_file.write_bytes(Authority(tmp_path / "others", "other").ca_file.read_bytes())
        assert _is_refused(port, context, session)


def test_a_change_that_does_not_fit_leaves_the_last_good_certificate(
    pair: Pair, authority: Authority
) -> None:
    tls, context, second = Tls(_files(pair)), _trusting(authority), authority.issue("second")
    with _serving(tls) as port:
        pair.cert_file.write_bytes(second.cert_file.read_bytes())
        assert _subject(port, context) == "first"
        assert tls.error is not None
        assert "is not the key of" in tls.error
        pair.key_file.write_bytes(second.key_file.read_bytes())
        assert _subject(port, context) == "second"
        assert tls.error is None


def test_plain_http_at_a_tls_port_gets_no_answer_and_harms_nobody(
    pair: Pair, authority: Authority
) -> None:
    with _serving(Tls(_files(pair))) as port:
        with socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert not plain.recv(4096).startswith(b"HTTP")
        assert _subject(port, _trusting(authority)) == "first"


def test_files_that_cannot_be_used_are_named_with_their_key(
    pair: Pair, authority: Authority, tmp_path: Path
) -> None:
    missing, nonsense = tmp_path / "missing.pem", tmp_path / "nonsense.pem"
    nonsense.write_text("no PEM", encoding="ascii")
    other = authority.issue("other")
    broken = [
        (_files(Pair(missing, pair.key_file)), r"cert_file: .*missing.pem cannot be read"),
        (_files(Pair(pair.cert_file, missing)), r"key_file: .*missing.pem cannot be read"),
        (_files(pair, missing), r"client_ca_file: .*missing.pem cannot be read"),
        (_files(Pair(nonsense, pair.key_file)), r"cert_file: .*nonsense.pem holds no PEM cert"),
        (_files(Pair(pair.cert_file, nonsense)), r"key_file: .*nonsense.pem is no PEM private"),
        (_files(pair, nonsense), r"client_ca_file: .*nonsense.pem holds no PEM certificate"),
        (
            _files(Pair(pair.cert_file, other.key_file)),
            r"key_file: .*other.key is not the key of .*server.pem \(api.tls.cert_file\)",
        ),
        (_files(Pair(tmp_path, pair.key_file)), r"cert_file: .* cannot be read: Is a directory"),
    ]
    for files, message in broken:
        with pytest.raises(StartupError, match=f"^api.tls.{message}"):
            Tls(files)


def test_an_encrypted_key_is_refused_without_asking_on_the_terminal(
    pair: Pair, tmp_path: Path
) -> None:
    encrypted = tmp_path / "encrypted.key"
    subprocess.run(
        [
            *("openssl", "pkey", "-in", pair.key_file),
            *("-out", encrypted, "-aes256", "-passout", "pass:secret"),
        ],
        check=True,
        capture_output=True,
    )
    with pytest.raises(StartupError, match=r"encrypted\.key is encrypted"):
        Tls(_files(Pair(pair.cert_file, encrypted)))


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_key_is_named(pair: Pair) -> None:
    pair.key_file.chmod(0)
    with pytest.raises(StartupError, match=r"key_file: .*server.key cannot be read: Permission"):
        Tls(_files(pair))
