"""The same series in a real Prometheus and in Goldeneye: the same answers to the same questions."""

import time
from collections.abc import Iterator

import httpx
import pytest
from support.prometheus import prometheus
from support.prometheus_data import STEP_S, Times, otlp_requests, remote_write_bodies
from support.prometheus_questions import difference, questions
from support.server import running

pytestmark = [pytest.mark.foreign, pytest.mark.slow]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, int]]:
    """The two APIs, and the second of the last points."""
    folder = tmp_path_factory.mktemp("both")
    times = Times(int(time.time()) // STEP_S * STEP_S)
    with prometheus(folder / "prometheus") as theirs, running(folder / "data") as ours:
        for request in otlp_requests(times):
            _sent(f"{theirs}/api/v1/otlp/v1/metrics", request.SerializeToString(), {})
            _sent(f"{ours.http_endpoint}/v1/metrics", request.SerializeToString(), {})
        for headers, body in remote_write_bodies(times):
            given = headers | {"Content-Encoding": "snappy"}
            _sent(f"{theirs}/api/v1/write", body, given)
            _sent(f"{ours.api_url}/prometheus/api/v1/write", body, given)
        yield f"{theirs}/api/v1", f"{ours.api_url}/prometheus/api/v1", times.end_s


def _sent(url: str, body: bytes, headers: dict[str, str]) -> None:
    given = {"Content-Type": "application/x-protobuf"} | headers
    response = httpx.post(url, content=body, headers=given, timeout=60)
    assert response.status_code in (200, 204), response.text


def test_answers_are_the_same(both: tuple[str, str, int]) -> None:
    """Some three thousand: values to the digit, labels, warnings, statuses and words of errors."""
    theirs, ours, end_s = both
    asked, different = 0, []
    with httpx.Client(timeout=60) as client:
        for path, params in questions(end_s):
            expected = client.get(f"{theirs}/{path}", params=params)
            found = client.get(f"{ours}/{path}", params=params)
            asked += 1
            told = difference(expected.json(), found.json())
            if told or expected.status_code != found.status_code:
                different.append(f"{path} {params}: {found.status_code} {told}")
    assert asked > 2_000
    assert not different, f"{len(different)} of {asked}\n" + "\n".join(different[:40])
