"""A day ends with its last nanosecond, and not where DuckDB rounds it to the next day."""

from pathlib import Path
from typing import Any

import pytest
from support.backend import Backend, backend
from support.fake_decoder import START_NS
from support.metric_requests import gauge, metric_request, point


def _rows(whole: Backend, sql: str, **more: Any) -> Any:
    return whole.client.post("/api/v1/sql", json={"sql": sql, **more}).json()["rows"]


@pytest.mark.parametrize("flushed", [False, True])
def test_the_last_nanosecond_of_a_day_and_the_first_of_the_next(
    tmp_path: Path, flushed: bool
) -> None:
    with backend(tmp_path) as whole:
        for at_ns, host in ((START_NS - 1, "last"), (START_NS, "first")):
            request = metric_request(gauge("load", [point(at_ns, 1.0, host=host)], ""))
            whole.send(request, received_ns=at_ns)
            if flushed:
                whole.flush()
        hosts = "SELECT attributes->>'host' AS host FROM {} ORDER BY host"
        assert _rows(whole, hosts.format("metrics")) == [["first"], ["last"]]
        series = hosts.format("metric_series")
        midnight = "2026-01-01T00:00:00Z"
        assert _rows(whole, series, end=midnight) == [["last"]]
        assert _rows(whole, series, start=midnight) == [["first"]]
        last = "2025-12-31T23:59:59.999999999Z"
        assert _rows(whole, series, start=last, end=midnight) == [["last"]]
