"""What is worth a warning: who can reach which listener, and what is asked of them."""

from pathlib import Path
from typing import Any

import pytest
from support.certificates import Authority

from goldeneye.config import Config
from goldeneye.security import Security, is_loopback


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def tls(authority: Authority) -> dict[str, Any]:
    pair = authority.issue("server")
    return {"cert_file": pair.cert_file, "key_file": pair.key_file}


@pytest.fixture
def tokens(tmp_path: Path) -> dict[str, Any]:
    file = tmp_path / "tokens.yaml"
    file.write_text("[{name: a, token: t, scopes: [admin]}]", encoding="utf-8")
    return {"tokens_file": file}


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("127.0.0.1:4317", True),
        ("127.8.9.1:4317", True),
        ("[::1]:4317", True),
        ("localhost:4317", True),
        ("0.0.0.0:4317", False),
        ("[::]:4317", False),
        (":4317", False),
        ("192.168.1.4:4317", False),
        ("[::ffff:192.168.1.4]:4317", False),
        ("goldeneye.example:4317", False),
        ("localhost.example:4317", False),
    ],
)
def test_only_loopback_is_loopback(endpoint: str, expected: bool) -> None:
    assert is_loopback(endpoint) is expected


def test_as_shipped_there_is_nothing_to_warn_of() -> None:
    assert Security(Config()).status() == {
        "tokens": None,
        "tls": {"grpc": "none", "http": "none", "api": "none", "query_grpc": "none"},
        "warnings": [],
    }


def test_each_listener_beyond_loopback_without_tokens_is_named() -> None:
    receiver = {"grpc": {"endpoint": "0.0.0.0:4317"}, "http": {"endpoint": "[::]:4318"}}
    api = {"endpoint": "192.0.2.1:8317"}
    warnings = Security(Config.model_validate({"receiver": receiver, "api": api})).warnings()
    places = ["receiver.grpc.endpoint 0.0.0.0:4317", "receiver.http.endpoint [::]:4318"]
    places += ["api.endpoint 192.0.2.1:8317"]
    for place, warning in zip(places, warnings, strict=True):
        assert warning.startswith(f"{place} is reachable from other machines, and no tokens")


def test_tls_alone_lets_everybody_in_and_client_certificates_do_not(
    authority: Authority, tls: dict[str, Any]
) -> None:
    beyond = {"endpoint": "0.0.0.0:4317", "tls": tls}
    mutual = {**beyond, "tls": {**tls, "client_ca_file": authority.ca_file}}
    one = Security(Config.model_validate({"receiver": {"grpc": beyond}}))
    other = Security(Config.model_validate({"receiver": {"grpc": mutual}}))
    assert len(one.warnings()) == 1
    assert (other.warnings(), other.status()["tls"]["grpc"]) == ([], "mutual")


def test_tokens_without_tls_can_be_read_on_the_way(
    tls: dict[str, Any], tokens: dict[str, Any]
) -> None:
    clear = {"auth": tokens, "api": {"endpoint": "0.0.0.0:8317"}}
    secure = {"auth": tokens, "api": {"endpoint": "0.0.0.0:8317", "tls": tls}}
    [warning] = Security(Config.model_validate(clear)).warnings()
    assert warning.endswith("set api.tls")
    assert Security(Config.model_validate(secure)).warnings() == []


def test_a_listener_that_is_off_is_not_spoken_of() -> None:
    status = Security(Config.model_validate({"receiver": {"grpc": {"endpoint": None}}})).status()
    assert set(status["tls"]) == {"http", "api", "query_grpc"}


def test_a_change_that_cannot_be_used_is_a_warning_until_it_is_mended(
    tokens: dict[str, Any],
) -> None:
    security, file = Security(Config.model_validate({"auth": tokens})), tokens["tokens_file"]
    good = file.read_text(encoding="utf-8")
    file.write_text("[]", encoding="utf-8")
    security.tokens.check("Bearer t", "read")
    assert [str(file) in warning for warning in security.warnings()] == [True]
    file.write_text(good, encoding="utf-8")
    security.tokens.check("Bearer t", "read")
    assert security.warnings() == []
