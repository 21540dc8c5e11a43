"""format_query and parse_query over HTTP."""

from collections.abc import Iterator

import pytest
from support.backend import Backend, backend

ROOT = "/prometheus/api/v1"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    with backend(tmp_path_factory.mktemp("data")) as made:
        yield made


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_query_is_formatted(whole: Backend, method: str) -> None:
    asked = {"query": "sum(rate( up[5m] ))by(a)"}
    given = {"params": asked} if method == "GET" else {"data": asked}
    response = whole.client.request(method, f"{ROOT}/format_query", **given)
    assert response.json() == {"status": "success", "data": "sum by (a) (rate(up[5m]))"}


def test_a_query_is_taken_apart(whole: Backend) -> None:
    answer = whole.get(f"{ROOT}/parse_query", {"query": '"\\xff" '})
    assert answer == {
        "status": "success",
        "data": {"type": "stringLiteral", "val": "\N{REPLACEMENT CHARACTER}"},
    }


@pytest.mark.parametrize("route", ["format_query", "parse_query"])
@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("up{", "1:4: parse error: unexpected end of input inside braces"),
        ("", "unknown position: parse error: no expression found in input"),
        ("up[5m * 2]", "durations that are computed are not printed"),
        ("up offset (1m + 1m)", "durations that are computed are not printed"),
        ("up[1m / 0]", "1:4: parse error: division by zero"),
    ],
    ids=["open", "empty", "window", "offset", "zero"],
)
def test_what_cannot_be_told(whole: Backend, route: str, query: str, error: str) -> None:
    response = whole.client.get(f"{ROOT}/{route}", params={"query": query})
    assert response.status_code == 400
    told = response.json()
    assert told["errorType"] == "bad_data"
    assert told["error"].startswith(f'invalid parameter "query": {error}')
