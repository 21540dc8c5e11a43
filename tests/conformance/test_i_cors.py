"""I: CORS, for the SDKs of browsers."""

import httpx
import pytest
from support.items import one_span
from support.live import JSON, ORIGIN, PROTOBUF, Live

PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "content-type,x-own",
}
MIB = 2**20


def _preflight(live: Live, origin: str = ORIGIN, path: str = "/v1/traces") -> httpx.Response:
    return live.client.options(path, headers={**PREFLIGHT, "Origin": origin})


def _words(text: str) -> set[str]:
    return {word.strip().lower() for word in text.split(",")}


@pytest.mark.parametrize("path", ["/v1/traces", "/v1/metrics", "/v1/logs"])
def test_129_a_preflight_needs_no_credentials(guarded: Live, path: str) -> None:
    answer = _preflight(guarded, path=path)
    assert answer.is_success
    assert answer.content == b""
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "post" in _words(answer.headers["Access-Control-Allow-Methods"])
    allowed = _words(answer.headers["Access-Control-Allow-Headers"])
    assert {"content-type", "content-encoding", "authorization", "x-own"} <= allowed


def test_130_credentials_are_allowed(guarded: Live) -> None:
    for answer in (_preflight(guarded), _post(guarded)):
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"


def _post(
    live: Live, body: bytes | None = None, content_type: str = PROTOBUF, **headers: str
) -> httpx.Response:
    headers = {"origin": ORIGIN, "authorization": "Bearer ingest-token", **headers}
    path = headers.pop("path", "/v1/traces")
    return live.post(path, one_span() if body is None else body, content_type, **headers)


def test_131_the_origin_is_echoed(guarded: Live, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = "https://eu.shop.example.org"
    for origin in (ORIGIN, other):
        for answer in (_preflight(guarded, origin), _post(guarded, origin=origin)):
            assert answer.headers["Access-Control-Allow-Origin"] == origin
    stranger = "https://example.net"
    for answer in (_preflight(guarded, stranger), _post(guarded, origin=stranger)):
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_132_errors_can_be_read_too(guarded: Live) -> None:
    answers = {
        400: _post(guarded, b"\xff"),
        401: _post(guarded, authorization="Bearer unknown"),
        403: _post(guarded, authorization="Bearer read-token"),
        404: _post(guarded, path="/nothing"),
        405: guarded.client.put("/v1/traces", headers={"Origin": ORIGIN}),
        413: _post(guarded, bytes(MIB + 1)),
        415: _post(guarded, b"", "text/plain"),
    }
    authorization = "Authorization: Bearer ingest-token"
    with guarded.holding(2, MIB, authorization):
        answers[503] = _post(guarded)
    for status, answer in answers.items():
        # Of no token at all, 405 and 401 are both a fair answer.
        assert answer.status_code in ({401, 405} if status == 405 else {status})
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_133_retry_after_is_exposed(guarded: Live) -> None:
    assert "retry-after" in _words(_post(guarded).headers["Access-Control-Expose-Headers"])


def test_134_a_preflight_has_an_age(guarded: Live) -> None:
    answer = _preflight(guarded)
    assert answer.headers["Access-Control-Max-Age"] == "600"
    assert "origin" in _words(answer.headers["Vary"])
    assert "origin" in _words(_post(guarded).headers["Vary"])


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://a.example.org", True),
        ("https://a.b.example.org", True),
        ("https://example.org", False),
        ("http://a.example.org", False),
        ("https://a.example.org.evil.net", False),
        ("https://evil.net/.example.org", False),
        ("https://shop.example.com.evil.net", False),
        ("null", False),
    ],
)
def test_135_origins_may_have_wildcards(guarded: Live, origin: str, allowed: bool) -> None:
    answer = _preflight(guarded, origin)
    assert ("Access-Control-Allow-Origin" in answer.headers) == allowed


def test_135_it_is_off_unless_there_are_origins(live: Live) -> None:
    assert _preflight(live).status_code == 405
    answer = live.post("/v1/traces", b"{}", JSON, origin=ORIGIN)
    assert not [name for name in answer.headers if name.startswith("access-control")]
