"""/api/v1/errors: groups, their course, their samples and stories, and what is decided of them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from support.backend import Backend, add_attributes, backend, dotted, spans_request

SECOND_NS: Final = 1_000_000_000
STACK: Final = 'Traceback:\n  File "/app/cart.py", line {line}, in pay\nE: order {order}'


class Sender:
    """Sends spans with an exception each, and log records of exceptions."""

    def __init__(self, whole: Backend) -> None:
        self.whole = whole
        self.sent = 0

    def span(
        self,
        ago_s: int,
        kind: str = "E",
        line: int = 1,
        service: str = "shop",
        trace_state: str = "",
        **resource: str,
    ) -> str:
        """The trace's id; the exception came half a second after the span's start."""
        self.sent += 1
        start_ns = self.whole.clock.now_ns() - ago_s * SECOND_NS
        span = Span(
            trace_id=self.sent.to_bytes(16, "big"),
            span_id=self.sent.to_bytes(8, "big"),
            name="POST /pay",
            trace_state=trace_state,
            start_time_unix_nano=start_ns,
            end_time_unix_nano=start_ns + SECOND_NS,
        )
        add_attributes(span.attributes, {"http.route": "/pay", "cart.size": 3})
        begun = span.events.add(name="begun", time_unix_nano=start_ns)
        add_attributes(begun.attributes, {"step": 1})
        event = span.events.add(name="exception", time_unix_nano=start_ns + SECOND_NS // 2)
        told = {
            "exception.type": kind,
            "exception.message": f"order {self.sent}",
            "exception.stacktrace": STACK.format(line=line, order=self.sent),
        }
        add_attributes(event.attributes, told)
        span.events.add(name="after", time_unix_nano=start_ns + SECOND_NS)
        self.whole.send(spans_request([span], service, **resource))
        return f"{self.sent:032x}"

    def log(self, ago_s: int, trace: str = "", **attributes: str) -> None:
        request = ExportLogsServiceRequest()
        envelope = request.resource_logs.add()
        add_attributes(envelope.resource.attributes, {"service.name": "shop"})
        record = envelope.scope_logs.add().log_records.add()
        record.time_unix_nano = self.whole.clock.now_ns() - ago_s * SECOND_NS
        record.body.string_value = "it failed"
        record.trace_id = bytes.fromhex(trace)
        record.span_id = bytes.fromhex(trace[16:])
        add_attributes(record.attributes, dotted(attributes))
        self.whole.send(request)


@pytest.fixture
def sender(tmp_path: Path) -> Iterator[Sender]:
    with backend(tmp_path) as whole:
        yield Sender(whole)


def listed(sender: Sender, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sender.whole.get("/api/v1/errors", asked)["errors"]
    return found


def decide(sender: Sender, fingerprint: str, word: str) -> dict[str, Any]:
    answer = sender.whole.client.post(f"/api/v1/errors/{fingerprint}/{word}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_exceptions_are_grouped_by_what_they_are(sender: Sender) -> None:
    first = sender.span(300, line=10, service__version="1.0", deployment__environment__name="prod")
    sender.whole.flush()
    last = sender.span(100, line=11, service="admin", service__version="1.1")
    sender.span(200, "Other")
    [one, other] = listed(sender)
    assert one.pop("fingerprint") != other["fingerprint"]
    assert one == {
        "exception_type": "E",
        "exception_message": "order 2",
        "state": "open",
        "first_seen": "2025-12-31T23:55:00.500000000Z",
        "last_seen": "2025-12-31T23:58:20.500000000Z",
        "count": 2,
        "adjusted_count": 2.0,
        "services": ["admin", "shop"],
        "versions": ["1.0", "1.1"],
        "environments": ["prod"],
        "span_names": ["POST /pay"],
        "trace_ids": [last, first],
    }
    assert (other["exception_type"], other["count"]) == ("Other", 1)


def test_log_records_tell_of_exceptions_too_and_not_twice(sender: Sender) -> None:
    trace = sender.span(300)
    sender.log(299, trace, exception__type="E", exception__message="the same one")
    sender.log(100, exception__type="E", exception__message="no card 12")
    sender.log(99, exception__type="E", exception__message="no card 13")
    sender.log(50, cause="of no matter")
    assert [(one["exception_message"], one["count"]) for one in listed(sender)] == [
        ("no card 13", 2),
        ("order 1", 1),
    ]


def test_sampled_spans_count_for_those_that_were_not_kept(sender: Sender) -> None:
    sender.span(300, trace_state="ot=th:c")
    [one] = listed(sender)
    assert (one["count"], one["adjusted_count"]) == (1, 4.0)


def test_lists_are_narrowed_ordered_and_paged(sender: Sender) -> None:
    for kind, count in (("A", 1), ("B", 3), ("C", 2)):
        for place in range(count):
            sender.span(300 - place - ord(kind), kind, service=kind.lower())
    assert [one["exception_type"] for one in listed(sender)] == ["C", "B", "A"]
    assert [one["exception_type"] for one in listed(sender, order="count")] == ["B", "C", "A"]
    assert [one["exception_type"] for one in listed(sender, service="b")] == ["B"]
    assert [one["count"] for one in listed(sender, exception_type="C")] == [2]
    assert listed(sender, attribute="http.route=/cart") == []
    assert listed(sender, start="now-1s") == []
    pages, cursor = [], {}
    for _ in range(3):
        answer = sender.whole.get("/api/v1/errors", {"limit": 1, "order": "count", **cursor})
        pages += [one["exception_type"] for one in answer["errors"]]
        cursor = {"cursor": answer.get("next_cursor")}
    assert (pages, cursor) == (["B", "C", "A"], {"cursor": None})


def test_a_group_tells_its_course_and_its_last_story(sender: Sender) -> None:
    sender.span(3_600)
    sender.span(3_610)
    trace = sender.span(10, service__version="1.1", deployment__environment__name="prod")
    sender.log(10, trace, step="before")
    sender.log(9, trace, step="after")
    [one] = listed(sender)
    found = sender.whole.get(f"/api/v1/errors/{one['fingerprint']}", {"step": "30m"})
    assert found["series"] == [
        {"time": "2025-12-31T22:30:00.000000000Z", "count": 1, "adjusted_count": 1.0},
        {"time": "2025-12-31T23:00:00.000000000Z", "count": 1, "adjusted_count": 1.0},
        {"time": "2025-12-31T23:30:00.000000000Z", "count": 1, "adjusted_count": 1.0},
    ]
    assert found["exception_stacktrace"] == STACK.format(line=1, order=3)
    newest = found["samples"][0]
    assert len(found["samples"]) == 3
    assert (newest["trace_id"], newest["version"], newest["environment"]) == (trace, "1.1", "prod")
    assert newest["span"]["attributes"] == {"http.route": "/pay", "cart.size": 3}
    assert [event["name"] for event in newest["events_before"]] == ["begun", "exception"]
    assert [log["attributes"] for log in newest["logs_before"]] == [{"step": "before"}]
    assert "span" not in found["samples"][1]


def test_what_is_resolved_regresses_in_a_later_release(sender: Sender) -> None:
    sender.span(60, service__version="1.0")
    [one] = listed(sender)
    assert decide(sender, one["fingerprint"], "resolve")["state"] == "resolved"
    sender.whole.clock.advance(100)
    sender.span(10, service__version="1.0")
    assert [found["state"] for found in listed(sender)] == ["resolved"]
    sender.span(5, service__version="1.1")
    assert [found["state"] for found in listed(sender)] == ["regressed"]
    assert len(listed(sender, state="regressed")) == 1
    assert listed(sender, state="open") == []


def test_what_is_resolved_regresses_at_once_where_releases_are_not_told(sender: Sender) -> None:
    sender.span(60)
    [one] = listed(sender)
    decide(sender, one["fingerprint"], "resolve")
    sender.whole.clock.advance(100)
    assert [found["state"] for found in listed(sender)] == ["resolved"]
    sender.span(10)
    assert [found["state"] for found in listed(sender)] == ["regressed"]


def test_what_is_ignored_stays_so_until_it_is_opened_again(sender: Sender) -> None:
    sender.span(60)
    [one] = listed(sender)
    decide(sender, one["fingerprint"], "ignore")
    sender.whole.clock.advance(100)
    sender.span(10, service__version="2.0")
    [ignored] = listed(sender, state="ignored")
    assert ignored["decided_at"] == "2026-01-01T00:00:00.000000000Z"
    assert decide(sender, one["fingerprint"], "reopen")["state"] == "open"
    assert [found["state"] for found in listed(sender)] == ["open"]


def test_decisions_outlive_the_process(tmp_path: Path) -> None:
    with backend(tmp_path) as whole:
        sender = Sender(whole)
        sender.span(60)
        [one] = listed(sender)
        decide(sender, one["fingerprint"], "ignore")
    with backend(tmp_path) as whole:
        assert [found["state"] for found in listed(Sender(whole))] == ["ignored"]


def test_who_reads_needs_no_room_for_decisions(tmp_path: Path) -> None:
    """The alert engine has made the file, and it cannot be written just now."""
    with (
        backend(tmp_path) as whole,
        closing(sqlite3.connect(tmp_path / "state.sqlite", isolation_level=None)) as state,
    ):
        Sender(whole).span(10)
        state.execute("PRAGMA journal_mode = WAL")
        state.execute("CREATE TABLE alerts (id TEXT)")
        state.execute("BEGIN IMMEDIATE")
        assert [group["state"] for group in whole.get("/api/v1/errors")["errors"]] == ["open"]


def test_wrong_questions_are_problems(sender: Sender) -> None:
    sender.span(60)
    [one] = listed(sender)
    path = f"/api/v1/errors/{one['fingerprint']}"
    assert "0123456789abcdef" in sender.whole.problem("/api/v1/errors/0123456789abcdef", status=404)
    assert sender.whole.client.post("/api/v1/errors/none/resolve").status_code == 404
    assert "step" in sender.whole.problem(path, {"step": "1ms"})
    assert "step" in sender.whole.problem(path, {"step": "0s"})
    assert "state" in sender.whole.problem("/api/v1/errors", {"state": "gone"})
    assert "order" in sender.whole.problem("/api/v1/errors", {"order": "name"})
    assert "cursor" in sender.whole.problem("/api/v1/errors", {"cursor": "x"})
    assert "attribute" in sender.whole.problem("/api/v1/errors", {"attribute": "x"})
