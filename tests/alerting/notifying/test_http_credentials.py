"""Who we are to a receiver, over real HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from support.http_receiver import HttpReceiver, Reply, http_receiver, in_turn
from support.notifying import NOW_NS, failure, send, sender_of

from goldeneye.clock import ManualClock


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with http_receiver() as found:
        yield found


CASES: list[tuple[dict[str, Any], str]] = [
    ({"basic_auth": {"username": "me", "password": "w:rd"}}, "Basic bWU6dzpyZA=="),
    ({"basic_auth": {"username_file": "name", "password_file": "word"}}, "Basic bmFtZTp3b3Jk"),
    ({"bearer_token": "t"}, "Bearer t"),
    ({"bearer_token_file": "word"}, "Bearer word"),
    ({"authorization": {"credentials": "t"}}, "Bearer t"),
    ({"authorization": {"type": "Key", "credentials_file": "word"}}, "Key word"),
]


@pytest.mark.parametrize(("config", "header"), CASES, ids=[str(at) for at in range(len(CASES))])
def test_the_header(
    receiver: HttpReceiver, tmp_path: Path, config: dict[str, Any], header: str
) -> None:
    for name in ("name", "word"):
        (tmp_path / name).write_text(f"{name}\n")
    to = sender_of("webhook", {"url": receiver.url, "http_config": config}, folder=tmp_path)
    send(to)
    assert receiver.requests[0].headers["authorization"] == header


def test_global_settings_hold_where_a_receiver_says_nothing(receiver: HttpReceiver) -> None:
    defaults = {"http_config": {"bearer_token": "t"}}
    send(sender_of("webhook", {"url": receiver.url}, defaults))
    assert receiver.requests[0].headers["authorization"] == "Bearer t"


def test_headers_of_all_three_sorts(receiver: HttpReceiver, tmp_path: Path) -> None:
    (tmp_path / "three").write_text("3\n")
    headers = {"X-A": {"values": ["1"]}, "X-B": {"secrets": ["2"]}, "X-C": {"files": ["three"]}}
    http_config = {"http_headers": headers}
    send(sender_of("webhook", {"url": receiver.url, "http_config": http_config}, folder=tmp_path))
    found = receiver.requests[0].headers
    assert [found[name] for name in ("x-a", "x-b", "x-c")] == ["1", "2", "3"]


def test_a_file_that_cannot_be_read_is_named(receiver: HttpReceiver, tmp_path: Path) -> None:
    config = {"bearer_token_file": str(tmp_path / "none")}
    error = failure(sender_of("webhook", {"url": receiver.url, "http_config": config}))
    assert error.text == f"{tmp_path}/none: cannot be read: No such file or directory"
    assert receiver.requests == []


def _oauth2(url: str, **more: Any) -> dict[str, Any]:
    return {"oauth2": {"client_id": "i d", "client_secret": "hush/", "token_url": url, **more}}


def test_a_token_is_fetched_and_kept_while_it_is_good(receiver: HttpReceiver) -> None:
    clock = ManualClock(NOW_NS)
    tokens = [Reply.json({"access_token": f"t{n}", "expires_in": 60}) for n in (1, 2, 3)]
    with http_receiver(in_turn(*tokens)) as lender:
        config = _oauth2(lender.url, scopes=["a", "b"], endpoint_params={"audience": "x"})
        to = sender_of("webhook", {"url": receiver.url, "http_config": config}, clock=clock)
        for seconds in (0.0, 40.0, 20.0):
            clock.advance(seconds)
            send(to)
        receiver.answering = in_turn(Reply(401), Reply())
        failure(to)
        send(to)
    shown = [taken.headers["authorization"] for taken in receiver.requests]
    assert shown == ["Bearer t1", "Bearer t1", "Bearer t2", "Bearer t2", "Bearer t3"]
    asked = lender.requests[0]
    assert asked.headers["authorization"] == "Basic aStkOmh1c2glMkY="
    assert dict(parse_qsl(asked.body.decode())) == {
        "grant_type": "client_credentials",
        "audience": "x",
        "scope": "a b",
    }


@pytest.mark.parametrize(
    ("reply", "retryable", "text"),
    [
        (Reply(503, "hush/"), True, "oauth2: unexpected status code 503: <secret>"),
        (Reply(401, "who?"), False, "oauth2: unexpected status code 401: who?"),
        (Reply.json({"token": "x"}), False, "oauth2: the answer holds no access_token"),
        (Reply(200, "[]"), False, "oauth2: the answer holds no access_token"),
    ],
    ids=["503", "401", "none", "list"],
)
def test_where_no_token_is_lent(
    receiver: HttpReceiver, reply: Reply, retryable: bool, text: str
) -> None:
    with http_receiver(in_turn(reply)) as lender:
        config = {"url": receiver.url, "http_config": _oauth2(lender.url)}
        error = failure(sender_of("webhook", config))
    assert error.retryable == retryable
    assert error.text == text
    assert receiver.requests == []
