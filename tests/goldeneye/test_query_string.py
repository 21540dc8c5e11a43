"""Parameters that are said twice, or are no text, are refused over real HTTP by every question."""

from collections.abc import Iterator

import pytest
from support.backend import Backend, backend


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    with backend(tmp_path_factory.mktemp("data")) as made:
        yield made


@pytest.mark.parametrize(
    "path", ["/api/v1/traces", "/api/v1/logs", "/api/v1/logs/tail", "/api/v1/metrics"]
)
def test_one_value_counts_and_is_text(whole: Backend, path: str) -> None:
    assert whole.problem(f"{path}?service=a&service=b") == "service: is given 2 times"
    assert whole.problem(f"{path}?service=a%ff") == "the query string is not UTF-8"


def test_lists_are_repeated(whole: Backend) -> None:
    answer = whole.get("/api/v1/percentiles?attribute=a=1&attribute=b=1&q=0.5&q=0.9")
    assert answer["percentiles"] == []


def test_prometheus_takes_what_it_does_not_know_as_often_as_it_comes(whole: Backend) -> None:
    path = "/prometheus/api/v1/query?query=1&a=1&a=2"
    assert whole.get(path)["data"]["resultType"] == "scalar"
