"""The backend of Grafana's Prometheus data source, built once and run beside us."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from support.alone import alone

FOLDER: Final = Path(__file__).parents[1] / "acceptance" / "clients" / "grafana"
_PROGRAM: Final = FOLDER.parents[3] / "build" / "grafana-prometheus"
_POSTED: Final = frozenset({"query", "query_range", "series", "labels"})
_SOURCE: Final = "/api/datasources/uid/goldeneye"
# What Grafana's own proxy and pages put on each request.
_HEADERS: Final = {"X-Grafana-Org-Id": "1", "X-Grafana-Cache": "private, max-age=60"}


def program() -> Path:
    """Built anew where it has changed: some minutes at first."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("no Go on this machine to build Grafana's data source with")
    with alone(_PROGRAM):
        built = subprocess.run(
            [go, "build", "-o", _PROGRAM, "."],
            cwd=FOLDER,
            capture_output=True,
            text=True,
            timeout=1200,
        )
    if built.returncode != 0:
        pytest.skip(f"Grafana's data source could not be built: {built.stderr[-300:]}")
    return _PROGRAM


class Grafana:
    """Asks as Grafana's pages do."""

    def __init__(self, url: str, http_method: str) -> None:
        self._http_method = http_method
        self.client = httpx.Client(base_url=url, headers=_HEADERS, timeout=60)

    def health(self) -> Any:
        """Its answer to Save & test."""
        return self.client.get(f"{_SOURCE}/health").raise_for_status().json()

    def heuristics(self) -> Any:
        return self.client.get(f"{_SOURCE}/heuristics").raise_for_status().json()

    def resource(self, path: str, **params: Any) -> Any:
        """The data of an answer. As its pages do, it posts what may be posted."""
        url = f"{_SOURCE}/resources/api/v1/{path}"
        if self._http_method == "POST" and path in _POSTED:
            return _data(self.client.post(url, data=params))
        return _data(self.client.get(url, params=params))

    def suggestions(self, asked: dict[str, Any]) -> Any:
        """Labels, or values of one, that fit the queries of a dashboard."""
        return _data(self.client.post(f"{_SOURCE}/resources/suggestions", json=asked))

    def query(self, from_s: int, to_s: int, queries: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """The answer for each query by its refId."""
        body = {"from": f"{from_s}000", "to": f"{to_s}000", "queries": list(queries)}
        answer = self.client.post("/api/ds/query", json=body)
        results: dict[str, Any] = answer.raise_for_status().json()["results"]
        return results


def _data(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "success"
    return answer.json()["data"]


@contextmanager
def grafana(url: str, http_method: str, token: str) -> Iterator[Grafana]:
    """With the data source at `url`, which it asks by `http_method` and with the token."""
    process = subprocess.Popen(
        [program(), url, http_method, token], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        yield Grafana(process.stdout.readline().decode().strip(), http_method)
    finally:
        process.terminate()
        process.communicate(timeout=30)
