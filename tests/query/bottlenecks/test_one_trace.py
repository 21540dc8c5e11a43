"""GET /api/v1/traces/{trace_id}/critical-path over rows in files and in memory."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from support.backend import Backend, backend, spans_request
from support.fake_decoder import START_NS

from query.bottlenecks.kernel import CORE

TRACE_ID: Final = "0af7651916cd43dd8448eb211c80319c"
LOST: Final = "1" * 32
TIMELESS: Final = "2" * 32


def span(trace_id: str, number: int, parent: int, name: str, start: int, end: int) -> Span:
    return Span(
        trace_id=bytes.fromhex(trace_id),
        span_id=number.to_bytes(8, "big"),
        parent_span_id=parent.to_bytes(8, "big") if parent else b"",
        name=name,
        start_time_unix_nano=START_NS + start,
        end_time_unix_nano=START_NS + end if end else 0,
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    with backend(tmp_path_factory.mktemp("critical-path")) as whole:
        whole.send(spans_request([span(TRACE_ID, 2, 1, "query", 10, 40)], "db"))
        whole.send(spans_request([span(LOST, 2, 1, "lost", 5, 9)], "db"))
        whole.flush()
        whole.send(
            spans_request([span(TRACE_ID, 1, 0, "GET /", 0, 100)], "shop"),
            spans_request([span(TRACE_ID, 3, 1, "render", 35, 90)], "web"),
            spans_request([span(LOST, 4, 3, "later", 7, 8)], "db"),
            spans_request([span(TIMELESS, 1, 0, "endless", 5, 0)], "db"),
        )
        yield whole


def time(offset_ns: int) -> str:
    return f"2026-01-01T00:00:00.{offset_ns:09}Z"


def section(number: int, service: str, name: str, start: int, end: int) -> dict[str, Any]:
    return {
        "span_id": f"{number:016x}",
        "service_name": service,
        "name": name,
        "start_time": time(start),
        "end_time": time(end),
        "duration_ns": end - start,
    }


def path(trace_id: str) -> str:
    return f"/api/v1/traces/{trace_id}/critical-path"


def test_the_path_of_a_trace(whole: Backend) -> None:
    assert whole.get(path(TRACE_ID.upper())) == {
        "trace_id": TRACE_ID,
        "duration_ns": 100,
        "root": {**section(1, "shop", "GET /", 0, 100), "parent_span_id": None},
        "root_count": 1,
        "span_count": 3,
        "sections": [
            section(1, "shop", "GET /", 0, 35),
            section(3, "web", "render", 35, 90),
            section(1, "shop", "GET /", 90, 100),
        ],
        "tolerance": 0.0,
        "core": CORE,
    }


def test_overlapping_siblings_with_a_tolerance(whole: Backend) -> None:
    answer = whole.get(path(TRACE_ID), {"tolerance": 0.05})
    assert answer["sections"] == [
        section(1, "shop", "GET /", 0, 5),
        section(2, "db", "query", 5, 35),
        section(3, "web", "render", 35, 90),
        section(1, "shop", "GET /", 90, 100),
    ]


def test_without_its_root_the_first_lost_span_is_walked(whole: Backend) -> None:
    answer = whole.get(path(LOST))
    assert answer["root"]["parent_span_id"] == f"{1:016x}"
    assert (answer["root_count"], answer["span_count"]) == (2, 2)
    assert answer["sections"] == [section(2, "db", "lost", 5, 9)]


def test_without_times_there_is_no_path(whole: Backend) -> None:
    answer = whole.get(path(TIMELESS))
    assert answer["root"] is answer["duration_ns"] is None
    assert answer["sections"] == []
    assert answer["span_count"] == 1


def test_sql_has_the_same_sections(whole: Backend) -> None:
    text = (
        "SELECT span_id, service_name, name, start_time, end_time, duration_ns "
        f"FROM critical_path_sections WHERE trace_id = '{TRACE_ID}' ORDER BY start_time"
    )
    found = whole.client.post("/api/v1/sql", json={"sql": text}).json()
    names = [column["name"] for column in found["columns"]]
    rows = [dict(zip(names, row, strict=True)) for row in found["rows"]]
    assert rows == whole.get(path(TRACE_ID))["sections"]
    assert found["files_read"] == 1


@pytest.mark.parametrize(
    ("trace_id", "status"), [("12", 400), ("0" * 32, 400), ("g" * 32, 400), ("a" * 32, 404)]
)
def test_what_is_no_trace_is_said(whole: Backend, trace_id: str, status: int) -> None:
    assert "trace" in whole.problem(path(trace_id), status=status)


@pytest.mark.parametrize("asked", [{"tolerance": "-0.1"}, {"tolerance": "x"}, {"end": "now"}])
def test_other_parameters_are_refused(whole: Backend, asked: dict[str, str]) -> None:
    whole.problem(path(TRACE_ID), asked)
