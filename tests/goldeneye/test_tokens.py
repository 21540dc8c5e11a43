"""The tokens' file, and who passes with which of them."""

import hashlib
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from goldeneye.errors import PermissionDenied, StartupError, Unauthenticated
from goldeneye.tokens import OPEN, Scope, Tokens, challenge

SENDER = {"name": "shop", "token": "send-me", "scopes": ["ingest"]}
READER = {
    "name": "dashboard",
    "token_sha256": hashlib.sha256(b"show-me").hexdigest(),
    "scopes": ["read"],
}
ADMIN = {"name": "operator", "token": "let-me", "scopes": ["admin"]}
SCOPES: tuple[Scope, ...] = ("ingest", "read", "admin")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return _write(tmp_path / "tokens.yaml", SENDER, READER, ADMIN)


def _write(path: Path, *entries: object) -> Path:
    path.write_text(yaml.safe_dump(list(entries)), encoding="utf-8")
    return path


def _may(tokens: Tokens, token: str) -> list[Scope]:
    found: list[Scope] = []
    for scope in SCOPES:
        try:
            tokens.check(f"Bearer {token}", scope)
            found.append(scope)
        except PermissionDenied:
            pass
    return found


def test_each_token_may_do_what_its_scopes_say_and_admin_may_do_all(file: Path) -> None:
    tokens = Tokens(file)
    assert _may(tokens, "send-me") == ["ingest"]
    assert _may(tokens, "show-me") == ["read"]
    assert _may(tokens, "let-me") == ["ingest", "read", "admin"]
    assert (tokens.are_required, tokens.count) == (True, 3)


def test_without_a_file_everybody_may(file: Path) -> None:
    OPEN.check(None, "admin")
    assert (OPEN.are_required, OPEN.count, OPEN.error) == (False, 0, None)
    with pytest.raises(Unauthenticated):
        Tokens(file).check(None, "read")


@pytest.mark.parametrize(
    "authorization",
    ["Bearer send-me", "bearer send-me", "BEARER  send-me", "Bearer%20send-me", "Bearer send-me "],
)
def test_the_scheme_is_read_as_exporters_write_it(file: Path, authorization: str) -> None:
    Tokens(file).check(authorization, "ingest")


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearersend-me",
        "send-me",
        "Basic send-me",
        "Bearer send-me send-me",
        "Bearer Send-me",
        "Bearer send-m",
        "Bearer send-mee",
        f"Bearer {READER['token_sha256']}",
        "Bearer \udcff\u00fc",
    ],
)
def test_anything_else_is_no_token(file: Path, authorization: str) -> None:
    with pytest.raises(Unauthenticated):
        Tokens(file).check(authorization, "ingest")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(authorization=st.text() | st.text().map("Bearer {}".format))
def test_no_text_passes_by_chance_or_breaks_the_check(file: Path, authorization: str) -> None:
    tokens = Tokens(file)
    with pytest.raises(Unauthenticated) as caught:
        tokens.check(authorization, "ingest")
    # What was presented may be another server's token: it is not repeated.
    assert str(caught.value) in {
        "the Authorization must be `Bearer <token>`",
        "the token is not known",
    }


def test_a_changed_file_counts_at_once(file: Path) -> None:
    tokens = Tokens(file)
    _write(file, {**SENDER, "token": "new-token"})
    assert _may(tokens, "new-token") == ["ingest"]
    with pytest.raises(Unauthenticated):
        tokens.check("Bearer send-me", "ingest")


@pytest.mark.parametrize("text", ["", "[]", "- name: half", "{", "\udcff"])
def test_a_change_that_cannot_be_used_leaves_the_last_good_tokens(file: Path, text: str) -> None:
    tokens = Tokens(file)
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    assert _may(tokens, "send-me") == ["ingest"]
    assert tokens.error is not None
    assert str(file) in tokens.error
    _write(file, READER)
    assert _may(tokens, "show-me") == ["read"]
    assert tokens.error is None


def test_a_file_that_is_gone_leaves_the_last_good_tokens(file: Path) -> None:
    tokens = Tokens(file)
    file.unlink()
    assert _may(tokens, "send-me") == ["ingest"]
    assert "cannot be read" in str(tokens.error)


SECRET = "s3cr3t-t0k3n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be a list of tokens"),
        ("[]", "must be a list of tokens"),
        (f"token: {SECRET}", "must be a list of tokens"),
        (f"- {{name: a, token: {SECRET}}}", "entry 1, scopes: Field required"),
        (f"- {{name: a, token: {SECRET}, scopes: []}}", "entry 1, scopes: .*at least 1"),
        (f"- {{name: a, token: {SECRET}, scopes: [all]}}", "entry 1, scopes, 0: .*'ingest'"),
        ("- {name: a, scopes: [read]}", "entry 1: needs either token or token_sha256"),
        (
            f"- {{name: a, token: {SECRET}, token_sha256: '{'0' * 64}', scopes: [read]}}",
            "entry 1: needs either token or token_sha256",
        ),
        ("- {name: a, token_sha256: abc, scopes: [read]}", "entry 1, token_sha256: "),
        (f"- {{name: a, token: '{SECRET} {SECRET}', scopes: [read]}}", "entry 1, token: "),
        ("- {name: a, token: 12345, scopes: [read]}", "entry 1, token: .*valid string"),
        (f"- {{nam: a, token: {SECRET}, scopes: [read]}}", "entry 1, nam: Extra inputs"),
        (
            f"- {{name: a, token: {SECRET}, scopes: [read]}}\n"
            f"- {{name: b, token: {SECRET}, scopes: [read]}}",
            "two entries have the same token",
        ),
        (
            "- {name: a, token: one, scopes: [read]}\n- {name: a, token: two, scopes: [read]}",
            "two entries have the same name",
        ),
        (f"- name: a\n  token: {SECRET}: [\n", ":2: is not YAML"),
    ],
)
def test_a_mistake_is_named_and_no_token_with_it(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "tokens.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StartupError, match=rf"^auth.tokens_file: .*tokens\.yaml.*{message}") as e:
        Tokens(path)
    assert SECRET not in str(e.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match=r"missing\.yaml cannot be read: No such file"):
        Tokens(tmp_path / "missing.yaml")


def test_the_operator_is_told_once_a_minute_for_each_reason(file: Path) -> None:
    now_s = 0.0
    tokens = Tokens(file, lambda: now_s)
    with capture_logs() as logs:
        for _ in range(2):
            for authorization in (None, "Bearer stranger", "Bearer other", "Bearer show-me"):
                with pytest.raises((Unauthenticated, PermissionDenied)):
                    tokens.check(authorization, "ingest")
        reasons = [line["reason"] for line in logs]
        assert len(reasons) == 3
        assert "'dashboard'" in reasons[2]
        assert not any("stranger" in str(line) for line in logs)
        now_s = 60.0
        with pytest.raises(Unauthenticated):
            tokens.check(None, "ingest")
    assert len(logs) == 4


def test_a_refusal_tells_what_would_help() -> None:
    assert challenge(Unauthenticated("x"), "read") == {
        "WWW-Authenticate": 'Bearer realm="goldeneye"'
    }
    denied = challenge(PermissionDenied("x"), "read")["WWW-Authenticate"]
    assert 'error="insufficient_scope", scope="read"' in denied
    assert challenge(ValueError("x"), "read") == {}
