"""CORS as browsers ask for it: preflights, origins, and answers that scripts may read."""

from collections.abc import Iterator

import httpx
import pytest
from support.committer import RecordingCommitter
from support.otlp_server import OtlpServer, serving
from support.requests import sized, spans

from goldeneye.errors import StorageUnavailable
from goldeneye.schemas import well_known_keys
from otlp_receiver.decoding import choose
from otlp_receiver.settings import CorsSettings

DECODER = choose.decoder(well_known_keys())
SHOP = "https://shop.example.com"
SETTINGS = CorsSettings(
    allowed_origins=(SHOP, "https://*.wild.org", "http://localhost:*"),
    allowed_headers=("X-Tenant",),
    max_age_s=60,
)


@pytest.fixture(scope="module")
def cors_server(shared_committer: RecordingCommitter) -> Iterator[OtlpServer]:
    with serving(
        shared_committer, DECODER, cors=SETTINGS, max_request_body_size_bytes=65_536
    ) as found:
        yield found


@pytest.fixture(scope="module")
def open_server(shared_committer: RecordingCommitter) -> Iterator[OtlpServer]:
    settings = CorsSettings(allowed_origins=("*",), allowed_headers=("*",))
    with serving(shared_committer, DECODER, cors=settings) as found:
        yield found


def preflight(server: OtlpServer, origin: str, **more: str) -> httpx.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-other",
        **more,
    }
    return server.client.options("/v1/traces", headers=headers)


def allowed(answer: httpx.Response) -> str | None:
    """The origin that may read an answer; all that belongs to it is there, or none of it."""
    origin = answer.headers.get("Access-Control-Allow-Origin")
    credentials = answer.headers.get("Access-Control-Allow-Credentials")
    exposed = answer.headers.get("Access-Control-Expose-Headers")
    assert "Origin" in answer.headers["Vary"]
    assert (credentials, exposed) == (("true", "Retry-After") if origin else (None, None))
    return origin


def test_a_preflight_says_what_may_be_sent(cors_server: OtlpServer) -> None:
    answer = preflight(cors_server, SHOP)
    assert (answer.status_code, answer.content) == (204, b"")
    assert allowed(answer) == SHOP
    assert answer.headers["Access-Control-Allow-Methods"] == "POST"
    names = answer.headers["Access-Control-Allow-Headers"].split(", ")
    assert names == ["authorization", "content-encoding", "content-type", "x-tenant"]
    assert answer.headers["Access-Control-Max-Age"] == "60"


def test_all_headers_are_those_that_are_asked_for(open_server: OtlpServer) -> None:
    names = preflight(open_server, SHOP).headers["Access-Control-Allow-Headers"].split(", ")
    assert names == ["authorization", "content-encoding", "content-type", "x-other"]


@pytest.mark.parametrize(
    "origin",
    [SHOP, SHOP.upper(), "https://a.wild.org", "https://a.b.wild.org", "http://localhost:8080"],
)
def test_origins_that_may(cors_server: OtlpServer, origin: str) -> None:
    assert allowed(preflight(cors_server, origin)) == origin
    assert allowed(cors_server.post("/v1/traces", spans(1), Origin=origin)) == origin


@pytest.mark.parametrize(
    "origin",
    [
        "http://shop.example.com",
        "https://shop.example.com.evil.org",
        "https://shopxexample.com",
        "https://evil.org/.wild.org",
        "https://wild.org",
        "http://localhost",
        "null",
        "",
    ],
)
def test_origins_that_may_not(cors_server: OtlpServer, origin: str) -> None:
    refused = preflight(cors_server, origin)
    assert allowed(refused) is None
    assert "Access-Control-Allow-Methods" not in refused.headers
    assert allowed(cors_server.post("/v1/traces", spans(1), Origin=origin)) is None


@pytest.mark.parametrize("origin", [SHOP, "null", "http://127.0.0.1:3000"])
def test_any_origin_is_echoed(open_server: OtlpServer, origin: str) -> None:
    assert allowed(preflight(open_server, origin)) == origin
    assert allowed(open_server.post("/v1/traces", spans(1), Origin=origin)) == origin


def test_errors_can_be_read(cors_server: OtlpServer, committer: RecordingCommitter) -> None:
    committer.fault = StorageUnavailable("the disk is full")
    answers = [
        cors_server.post("/v1/traces", spans(1), Origin=SHOP),
        cors_server.post("/v1/traces", b"\xff", Origin=SHOP),
        cors_server.post("/v1/traces", spans(1), "text/plain", Origin=SHOP),
        cors_server.post("/v1/traces", sized(65_537), Origin=SHOP),
        cors_server.post("/v1/other", spans(1), Origin=SHOP),
        cors_server.client.get("/v1/traces", headers={"Origin": SHOP}),
        cors_server.client.options("/v1/traces", headers={"Origin": SHOP}),
    ]
    assert [answer.status_code for answer in answers] == [503, 400, 415, 413, 404, 405, 405]
    assert {allowed(answer) for answer in answers} == {SHOP}
    committer.fault = None


def test_who_is_no_browser_sees_no_difference(cors_server: OtlpServer) -> None:
    answer = cors_server.post("/v1/traces", spans(1))
    assert answer.status_code == 200
    assert allowed(answer) is None


def test_it_is_off_by_default(server: OtlpServer) -> None:
    assert preflight(server, SHOP).status_code == 405
    answer = server.post("/v1/traces", spans(1), Origin=SHOP)
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert "Vary" not in answer.headers
