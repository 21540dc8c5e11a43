"""GET /api/v1/traces/{trace_id}: hand-computed traces, half of them in files, half still hot."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from support.backend import START_NS, Backend, add_attributes, backend, spans_request

from goldeneye import limits

MS = 1_000_000


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    with backend(tmp_path_factory.mktemp("data")) as found:
        yield found


def span(trace: int, id_: int, parent: int | None, start_ms: int, end_ms: int, **more: Any) -> Span:
    return Span(
        trace_id=trace.to_bytes(16, "big"),
        span_id=id_.to_bytes(8, "big"),
        parent_span_id=b"" if parent is None else parent.to_bytes(8, "big"),
        name=more.pop("name", f"span {id_}"),
        start_time_unix_nano=START_NS + start_ms * MS,
        end_time_unix_nano=START_NS + end_ms * MS,
        **more,
    )


def logs_request(trace: int, records: list[tuple[int, int, str]]) -> ExportLogsServiceRequest:
    """`records`: span id, ms, body."""
    request = ExportLogsServiceRequest()
    outer = request.resource_logs.add()
    add_attributes(outer.resource.attributes, {"service.name": "shop"})
    scope = outer.scope_logs.add()
    for span_id, at_ms, body in records:
        record = scope.log_records.add(
            trace_id=trace.to_bytes(16, "big"),
            span_id=span_id.to_bytes(8, "big"),
            time_unix_nano=START_NS + at_ms * MS,
            severity_number=17,
            severity_text="ERROR",
        )
        record.body.string_value = body
        add_attributes(record.attributes, {"attempt": at_ms})
    return request


def get(whole: Backend, trace: int, **params: str) -> Any:
    return whole.get(f"/api/v1/traces/{trace:032x}", params)


def by_id(found: Any) -> dict[int, Any]:
    return {int(one["span_id"], 16): one for one in found["spans"]}


def test_a_trace_is_whole_wherever_its_rows_are(whole: Backend) -> None:
    root = span(1, 1, None, 0, 100, kind=Span.SPAN_KIND_SERVER)
    add_attributes(root.attributes, {"http.route": "/cart", "own": 1.0})
    root.events.add(name="seen", time_unix_nano=START_NS + 1)
    failed = span(1, 2, 1, 10, 40, status=Status(code=Status.STATUS_CODE_ERROR, message="no"))
    whole.send(spans_request([root, failed], "front", service__version="1.2"))
    whole.send(logs_request(1, [(2, 30, "late"), (1, 5, "early")]))
    whole.flush()
    whole.send(spans_request([span(1, 4, 2, 20, 30), span(1, 3, 1, 30, 60)], "back"))
    whole.send(logs_request(1, [(4, 25, "between")]))
    found = get(whole, 1)

    facts = {name: found[name] for name in found if name not in ("spans", "logs", "roots")}
    assert facts == {
        "trace_id": f"{1:032x}",
        "start_time": "2026-01-01T00:00:00.000000000Z",
        "end_time": "2026-01-01T00:00:00.100000000Z",
        "duration_ns": 100 * MS,
        "services": ["back", "front"],
        "span_count": 4,
        "error_count": 1,
        "missing_parents": [],
        "duplicate_span_ids": [],
        "cycles": [],
        "truncated": False,
        "logs_truncated": False,
    }
    assert found["roots"] == [
        {
            "span_id": f"{1:016x}",
            "service_name": "front",
            "name": "span 1",
            "reason": "no_parent",
        }
    ]
    rows = [(int(one["span_id"], 16), one["depth"], one["child_count"]) for one in found["spans"]]
    assert rows == [(1, 0, 2), (2, 1, 1), (4, 2, 0), (3, 1, 0)]
    # 100 less 10 to 60; 30 less 20 to 30.
    assert [one["self_time_ns"] for one in found["spans"]] == [50 * MS, 20 * MS, 10 * MS, 30 * MS]
    assert [one["offset_ns"] for one in found["spans"]] == [0, 10 * MS, 20 * MS, 30 * MS]
    assert [log["body"] for log in found["logs"]] == ["early", "between", "late"]
    assert [log["span_id"] for log in found["logs"]] == [f"{id_:016x}" for id_ in (1, 4, 2)]
    assert found["logs"][1]["severity_text"] == "ERROR"
    assert found["logs"][1]["attributes"] == {"attempt": 25}
    first = found["spans"][0]
    assert first["attributes"] == {"http.route": "/cart", "own": 1.0}
    assert first["resource_attributes"] == {"service.name": "front", "service.version": "1.2"}
    assert (first["kind"], first["parent_span_id"]) == ("server", None)
    assert first["events"] == [
        {
            "time": "2026-01-01T00:00:00.000000001Z",
            "time_unix_nano": None,
            "name": "seen",
            "attributes": {},
            "dropped_attributes_count": 0,
        }
    ]
    second = found["spans"][1]
    assert (second["status_code"], second["status_message"]) == ("error", "no")
    assert (second["attributes"], second["events"], second["links"]) == ({}, [], [])


def test_what_is_odd_is_named(whole: Backend) -> None:
    spans = [
        span(2, 1, 99, 0, 10),
        span(2, 2, None, 5, 9),
        span(2, 2, None, 6, 9),
        span(2, 3, 4, 7, 8),
        span(2, 4, 3, 7, 8),
    ]
    whole.send(spans_request(spans))
    found = get(whole, 2)
    assert [root["reason"] for root in found["roots"]] == [
        "missing_parent",
        "no_parent",
        "no_parent",
        "cycle",
    ]
    assert found["missing_parents"] == [{"span_id": f"{99:016x}", "children": [f"{1:016x}"]}]
    assert found["duplicate_span_ids"] == [{"span_id": f"{2:016x}", "count": 2}]
    assert found["cycles"] == [[f"{4:016x}", f"{3:016x}"]]
    assert len(found["spans"]) == 5
    assert "not in the trace" in found["spans"][0]["warnings"][0]


def test_clocks_are_adjusted_beside_the_times_sent(whole: Backend) -> None:
    whole.send(spans_request([span(3, 1, None, 10, 110)], "a", host__name="one"))
    whole.send(spans_request([span(3, 2, 1, 0, 50)], "b", host__name="two"))
    found = by_id(get(whole, 3))
    assert found[2]["start_time"] == "2026-01-01T00:00:00.000000000Z"
    assert found[2]["clock_skew_adjustment_ns"] == 35 * MS
    # The trace begins at 0, where the child was said to begin.
    assert (found[1]["offset_ns"], found[2]["offset_ns"]) == (10 * MS, 35 * MS)
    assert found[1]["self_time_ns"] == 50 * MS
    assert len(found[2]["warnings"]) == 1
    for limit in ("34999us", "0"):
        found = by_id(get(whole, 3, max_clock_skew=limit))
        assert found[2]["clock_skew_adjustment_ns"] == 0
        assert found[1]["self_time_ns"] == 60 * MS
        assert len(found[2]["warnings"]) == 1


def test_spans_without_times_are_there(whole: Backend) -> None:
    one = span(4, 1, None, 0, 0)
    one.ClearField("start_time_unix_nano")
    one.end_time_unix_nano = 2**64 - 1
    whole.send(spans_request([one]))
    found = get(whole, 4)
    assert (found["start_time"], found["end_time"], found["duration_ns"]) == (None, None, None)
    [only] = found["spans"]
    assert (only["self_time_ns"], only["offset_ns"]) == (None, None)
    assert only["end_time_unix_nano"] == 2**64 - 1


def test_a_body_that_is_no_text_is_json(whole: Backend) -> None:
    request = logs_request(5, [(1, 1, "")])
    body = request.resource_logs[0].scope_logs[0].log_records[0].body
    body.kvlist_value.values.add(key="n").value.int_value = 2**60
    whole.send(request, spans_request([span(5, 1, None, 0, 1)]))
    [log] = get(whole, 5)["logs"]
    assert (log["body"], log["body_text"]) == ({"n": 2**60}, f'{{"n":{2**60}}}')


def test_the_form_is_asked_for_by_parameter_or_profile(whole: Backend) -> None:
    whole.send(spans_request([span(6, 1, None, 0, 1)]))
    path = f"/api/v1/traces/{6:032x}"
    otlp = whole.get(path, {"format": "otlp"})
    assert list(otlp) == ["resourceSpans"]
    for accept in ("application/json; profile=otlp", 'text/html, application/json;profile="otlp"'):
        assert whole.get(path, headers={"accept": accept}) == otlp
        assert "spans" in whole.get(path, {"format": "json"}, headers={"accept": accept})
    assert "spans" in whole.get(path, headers={"accept": "application/json"})


def test_ids_may_be_written_in_capitals(whole: Backend) -> None:
    whole.send(spans_request([span(0xABCDEF, 1, None, 0, 1)]))
    assert whole.get(f"/api/v1/traces/{0xABCDEF:032X}")["trace_id"] == f"{0xABCDEF:032x}"


@pytest.mark.parametrize("trace_id", ["1", "1" * 31, "1" * 33, "g" * 32, "0" * 32, "１" * 32])
def test_what_is_no_id_is_refused(whole: Backend, trace_id: str) -> None:
    assert "trace_id" in whole.problem(f"/api/v1/traces/{trace_id}")


def test_an_id_that_nobody_sent_is_not_found(whole: Backend) -> None:
    for form in ("json", "otlp"):
        path = f"/api/v1/traces/{'f' * 32}"
        assert "f" * 32 in whole.problem(path, {"format": form}, status=404)


@pytest.mark.parametrize(
    "params", [{"format": "xml"}, {"max_clock_skew": "1 s"}, {"max_clock_skew": "-1s"}, {"x": "1"}]
)
def test_wrong_parameters_are_refused(whole: Backend, params: dict[str, str]) -> None:
    [name] = params
    assert name in whole.problem(f"/api/v1/traces/{1:032x}", params)


def test_logs_alone_are_no_trace(whole: Backend) -> None:
    whole.send(logs_request(7, [(1, 1, "x")]))
    whole.problem(f"/api/v1/traces/{7:032x}", status=404)


def test_what_is_more_than_the_bound_is_left_out_and_said(
    whole: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_TRACE_SPANS", 3)
    monkeypatch.setattr(limits, "MAX_TRACE_LOGS", 2)
    spans = [span(8, n, 1 if n > 1 else None, n, 100) for n in (4, 1, 3, 2)]
    whole.send(spans_request(spans), logs_request(8, [(1, n, str(n)) for n in (3, 1, 2)]))
    found = get(whole, 8)
    assert list(by_id(found)) == [1, 2, 3]
    assert [log["body"] for log in found["logs"]] == ["1", "2"]
    assert (found["truncated"], found["logs_truncated"]) == (True, True)
    monkeypatch.setattr(limits, "MAX_TRACE_SPANS", 4)
    monkeypatch.setattr(limits, "MAX_TRACE_LOGS", 3)
    found = get(whole, 8)
    assert (found["truncated"], found["logs_truncated"]) == (False, False)


def test_a_deep_trace_is_answered(whole: Backend) -> None:
    count = 5_000
    spans = [span(9, n, n - 1 if n > 1 else None, 0, 1) for n in range(1, count + 1)]
    whole.send(spans_request(spans))
    found = get(whole, 9)
    assert [one["depth"] for one in found["spans"]] == list(range(count))


def test_attributes_are_those_that_sql_shows(whole: Backend) -> None:
    """Two ways of joining them: SQL's expression, and Python's for the few rows of a trace."""
    one = span(10, 1, None, 0, 1)
    values = {"http.route": 'a"\n\u2028é', "http.response.status_code": 200, "z": 1e16, "a": -0.0}
    add_attributes(one.attributes, {**values, "http.request.method": 7, "b": False})
    whole.send(spans_request([one], host__name="h", process__pid=3))
    whole.flush()
    [found] = get(whole, 10)["spans"]
    sql = f"SELECT attributes, resource_attributes FROM spans WHERE trace_id = '{10:032x}'"
    answer = whole.client.post("/api/v1/sql", json={"sql": sql}).json()
    assert json.dumps([found["attributes"], found["resource_attributes"]]) == json.dumps(
        answer["rows"][0]
    )
