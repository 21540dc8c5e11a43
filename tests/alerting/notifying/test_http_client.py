"""Requests over real HTTP: TLS, proxies, redirects, bounds, and what errors show."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.certificates import Authority, Pair
from support.http_receiver import HttpReceiver, Reply, Taken, http_receiver, in_turn
from support.notifying import failure, send, sender_of

from alerting.documents.secret import Secret
from alerting.notifying.http_client import Request, call
from alerting.notifying.notification import SendFailed
from alerting.routing.receivers.http_config import HttpConfig
from goldeneye.limits import MAX_RECEIVER_ANSWER_BYTES

TOKEN = {"authorization": {"credentials": "hush-token"}, "http_headers": {"X-Key": {
    "secrets": ["hush-key"]}}}  # fmt: skip


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def pair(authority: Authority) -> Pair:
    return authority.issue("receiver")


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with http_receiver() as found:
        yield found


def test_tls_is_checked(authority: Authority, pair: Pair) -> None:
    with http_receiver(pair=pair) as receiver:
        url = f"{receiver.url}/hook"
        trusting = {"tls_config": {"ca_file": str(authority.ca_file)}}
        blind = {"tls_config": {"insecure_skip_verify": True}}
        for http_config in (trusting, blind):
            send(sender_of("webhook", {"url": url, "http_config": http_config}))
        error = failure(sender_of("webhook", {"url": url}))
        named = {"tls_config": {**trusting["tls_config"], "server_name": "other.example"}}
        other = failure(sender_of("webhook", {"url": url, "http_config": named}))
    assert len(receiver.requests) == 2
    assert error.retryable
    assert "CERTIFICATE_VERIFY_FAILED" in error.text
    assert "other.example" in other.text


def test_a_certificate_of_our_own_in_files_or_texts(authority: Authority, pair: Pair) -> None:
    own = authority.issue("client")
    files = {"cert_file": str(own.cert_file), "key_file": str(own.key_file)}
    texts = {"cert": own.cert_file.read_text(), "key": own.key_file.read_text()}
    ca = authority.ca_file.read_text()
    with http_receiver(pair=pair, client_ca=authority.ca_file) as receiver:
        for identity in (files, texts):
            tls = {"tls_config": {"ca": ca, **identity}}
            send(sender_of("webhook", {"url": receiver.url, "http_config": tls}))
        refused = {"tls_config": {"ca": ca}}
        failure(sender_of("webhook", {"url": receiver.url, "http_config": refused}))
    assert len(receiver.requests) == 2


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_version_that_the_other_side_has_not(authority: Authority, pair: Pair) -> None:
    old = {"ca_file": str(authority.ca_file), "max_version": "TLS11"}
    with http_receiver(pair=pair) as receiver:
        failure(sender_of("webhook", {"url": receiver.url, "http_config": {"tls_config": old}}))
    assert receiver.requests == []


def test_a_file_of_tls_that_is_not_there_is_named(tmp_path: Path) -> None:
    tls = {"tls_config": {"ca_file": str(tmp_path / "none.pem")}}
    error = failure(sender_of("webhook", {"url": "https://127.0.0.1:1", "http_config": tls}))
    assert not error.retryable
    assert error.text == (
        f"tls_config cannot be used: {tmp_path}/none.pem: No such file or directory"
    )


@pytest.mark.parametrize(("status", "method"), [(307, "POST"), (308, "POST"), (302, "GET")])
def test_redirects_are_followed_and_credentials_stay_at_home(
    receiver: HttpReceiver, status: int, method: str
) -> None:
    with http_receiver(
        lambda taken: (
            Reply(status, headers={"Location": "/here"})
            if taken.path == "/"
            else Reply(status, headers={"Location": f"{receiver.url}/there"})
        )
    ) as first:
        send(sender_of("webhook", {"url": first.url, "http_config": TOKEN}))
    here, there = first.requests[1], receiver.requests[0]
    assert (here.method, here.path) == (method, "/here")
    assert here.headers["authorization"] == "Bearer hush-token"
    assert here.headers["x-key"] == "hush-key"
    assert there.path == "/there"
    assert not {"authorization", "x-key"} & set(there.headers)


def test_redirects_can_be_refused(receiver: HttpReceiver) -> None:
    receiver.answering = in_turn(Reply(307, headers={"Location": "/there"}))
    config = {"url": receiver.url, "http_config": {"follow_redirects": False}}
    assert failure(sender_of("webhook", config)).status == 307
    assert receiver.paths() == ["POST /"]


def test_a_proxy_gets_the_request_unless_the_host_is_excluded(receiver: HttpReceiver) -> None:
    with http_receiver() as proxy:
        via = {"proxy_url": proxy.url.replace("//", "//me:hush-word@")}
        url = f"{receiver.url}/hook"
        send(sender_of("webhook", {"url": url, "http_config": via}))
        direct = {**via, "no_proxy": "example.org, 127.0.0.0/8"}
        send(sender_of("webhook", {"url": url, "http_config": direct}))
    (taken,) = proxy.requests
    assert taken.path == url
    assert taken.headers["proxy-authorization"] == "Basic bWU6aHVzaC13b3Jk"
    assert receiver.paths() == ["POST /hook"]
    error = failure(sender_of("webhook", {"url": url, "http_config": via}))
    assert error.retryable
    assert "hush" not in error.text


def test_a_tunnel_is_asked_for_with_its_own_headers() -> None:
    with http_receiver(in_turn(Reply(407, "no"))) as proxy:
        via = {"proxy_url": proxy.url, "proxy_connect_header": {"X-Tunnel": ["hush-pass"]}}
        error = failure(sender_of("webhook", {"url": "https://far.example", "http_config": via}))
    (taken,) = proxy.requests
    assert (taken.method, taken.path) == ("CONNECT", "far.example:443")
    assert taken.headers["x-tunnel"] == "hush-pass"
    assert error.retryable
    assert "hush" not in error.text


def test_a_proxy_of_the_environment(
    receiver: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with http_receiver() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        send(sender_of("webhook", {"url": receiver.url}))
        from_environment = {"proxy_from_environment": True}
        send(sender_of("webhook", {"url": receiver.url, "http_config": from_environment}))
    assert (len(receiver.requests), len(proxy.requests)) == (1, 1)


def test_an_answer_without_end_is_cut(receiver: HttpReceiver) -> None:
    receiver.answering = in_turn(Reply(400, b"x" * (2 * MAX_RECEIVER_ANSWER_BYTES)))
    error = failure(sender_of("webhook", {"url": receiver.url}))
    assert error.status == 400
    assert len(error.text) == 1_000


def test_who_does_not_answer_is_left_and_tried_again(receiver: HttpReceiver) -> None:
    done = threading.Event()

    def hang(_: Taken) -> Reply:
        done.wait(20)
        return Reply()

    receiver.answering = hang
    error = failure(sender_of("webhook", {"url": f"{receiver.url}/hush-path", "timeout": "100ms"}))
    done.set()
    assert error.retryable
    assert error.text == f"POST {receiver.url}/<secret>: no answer within 0.1 s"


def test_what_the_other_side_repeats_of_our_secrets_is_not_shown(receiver: HttpReceiver) -> None:
    receiver.answering = lambda taken: Reply(
        400, f"{taken.headers['authorization']} {taken.headers['x-key']} {taken.path}"
    )
    config = {"url": f"{receiver.url}/hooks/hush-path", "http_config": TOKEN}
    error = failure(sender_of("webhook", config))
    assert error.text == "unexpected status code 400: Bearer <secret> <secret> <secret>"


@pytest.mark.parametrize("scheme", ["socks5", "ftp"])
def test_a_proxy_of_a_kind_that_we_do_not_speak(scheme: str) -> None:
    via = HttpConfig(proxy_url=Secret(f"{scheme}://127.0.0.1:1"))
    with pytest.raises(SendFailed) as caught:
        asyncio.run(call(Request("GET", "http://127.0.0.1:1"), via))
    assert not caught.value.retryable
