"""Every error leaves the API as a problem document."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI

from goldeneye import errors, problems


def answer(error: Exception) -> httpx.Response:
    """What a client gets where a route raises the error."""
    app = FastAPI()
    problems.install(app)

    @app.get("/")
    async def fail() -> None:
        raise error

    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get("/")

    return asyncio.run(get())


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (errors.InvalidRequest("words"), 400, "invalid-request"),
        (errors.QueryRefused("words"), 400, "query-refused"),
        (errors.RequestTooLarge("words"), 413, "request-too-large"),
        (errors.QueryFailed("words"), 422, "query-failed"),
        (errors.QueryOverBudget("words"), 422, "query-over-budget"),
        (errors.Unavailable("words", retry_delay_s=7), 503, "unavailable"),
        (errors.StorageUnavailable("words", retry_delay_s=7), 503, "unavailable"),
    ],
)
def test_expected_errors(error: errors.GoldeneyeError, status: int, kind: str) -> None:
    found = answer(error)
    assert found.status_code == status
    assert found.headers["content-type"] == "application/problem+json"
    assert found.headers.get("retry-after") == ("7" if status == 503 else None)
    document = found.json()
    assert document["type"] == f"urn:goldeneye:problem:{kind}"
    assert (document["status"], document["detail"]) == (status, "words")


@pytest.mark.parametrize("error", [RuntimeError("a path"), errors.StartupError("a path")])
def test_a_defect_tells_nothing(error: Exception) -> None:
    found = answer(error)
    assert (found.status_code, found.json()["status"]) == (500, 500)
    assert "a path" not in found.text
