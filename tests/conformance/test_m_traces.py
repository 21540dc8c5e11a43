"""M: traces."""

from typing import Any

import pytest
from support.items import HEX_IDS, NOW_NS, SPAN_ID, TRACE_ID, attribute, one_span, span, traces
from support.live import Live

TRACES = "/v1/traces"
MOST = 2**32 - 1


@pytest.mark.parametrize(
    "ids",
    [
        {"trace_id": b""},
        {"trace_id": bytes(16)},
        {"trace_id": b"1" * 15},
        {"trace_id": b"1" * 17},
        {"trace_id": b"1" * 32},
        {"span_id": b""},
        {"span_id": bytes(8)},
        {"span_id": b"1" * 7},
        {"span_id": b"1" * 9},
    ],
    ids=str,
)
def test_175_ids_have_their_lengths_and_are_not_zero(live: Live, ids: dict[str, bytes]) -> None:
    assert live.partial(TRACES, one_span(**ids)).rejected_spans == 1
    assert live.count("spans") == 0


def test_175_a_byte_of_an_id_is_enough(live: Live) -> None:
    live.accept(TRACES, one_span(trace_id=bytes(15) + b"\x01", span_id=b"\x01" + bytes(7)))
    row = live.row("spans", "trace_id, span_id")
    assert list(row.values()) == ["0" * 31 + "1", "01" + "0" * 14]


def test_176_an_invalid_span_is_rejected_alone(live: Live) -> None:
    spans = [span(name="first"), span(trace_id=b"x"), span(name="last"), span(span_id=b"")]
    assert live.partial(TRACES, traces(*spans)).rejected_spans == 2
    assert [row["name"] for row in live.rows("spans", "name")] == ["first", "last"]


def test_177_a_parent_is_absent_zero_or_valid(live: Live) -> None:
    parents = [b"", bytes(8), SPAN_ID]
    live.accept(TRACES, traces(*(span(parent_span_id=parent) for parent in parents)))
    found = [row["parent_span_id"] for row in live.rows("spans", "parent_span_id")]
    assert found == [None, None, SPAN_ID.hex()]
    for wrong in (b"x", b"1" * 7, b"1" * 9, b"1" * 16):
        assert live.partial(TRACES, one_span(parent_span_id=wrong)).rejected_spans == 1


@pytest.mark.parametrize("flags", [1, 0x100, 0x300, 0x301, 0xFFFFFC00, MOST])
def test_178_all_flags_are_kept(live: Live, flags: int) -> None:
    live.accept(TRACES, one_span(flags=flags))
    assert live.row("spans", "flags") == {"flags": flags}


def test_179_no_flags_are_no_flags(live: Live) -> None:
    live.accept(TRACES, one_span(parent_span_id=SPAN_ID))
    assert live.row("spans", "flags") == {"flags": 0}


@pytest.mark.parametrize("state", ["ot=th:8;rv:abc,vendor=x", " a=b , c=d ", "not a state", "é"])
def test_180_trace_state_is_kept(live: Live, state: str) -> None:
    link = {"trace_id": TRACE_ID, "span_id": SPAN_ID, "trace_state": state}
    live.accept(TRACES, one_span(trace_state=state, links=[link]))
    row = live.row("spans", "trace_state, links[1].trace_state AS linked")
    assert list(row.values()) == [state, state]


def test_181_kinds_are_kept(live: Live) -> None:
    live.accept(TRACES, traces(*(span(kind=kind) for kind in (0, 1, 2, 3, 4, 5, 6, 99)), span()))
    known = ["unspecified", "internal", "server", "client", "producer", "consumer"]
    found = [row["kind"] for row in live.rows("spans", "kind")]
    assert found == [*known, "6", "99", "unspecified"]


def test_182_statuses_are_kept(live: Live) -> None:
    statuses: list[Any] = [None, {}, {"code": 1}, {"code": 2, "message": "why"}, {"code": 9}]
    live.accept(TRACES, traces(*(span(status=status) for status in statuses)))
    found = [tuple(row.values()) for row in live.rows("spans", "status_code, status_message")]
    assert found == [("unset", None), ("unset", None), ("ok", None), ("error", "why"), ("9", None)]


def test_183_a_name_may_be_empty(live: Live) -> None:
    live.accept(TRACES, one_span(name=""))
    assert live.row("spans", "name") == {"name": ""}


@pytest.mark.parametrize(
    ("start_ns", "end_ns", "duration_ns"),
    [(NOW_NS, NOW_NS - 5, None), (0, NOW_NS, None), (NOW_NS, 0, None), (0, 0, None), (1, 1, 0)],
    ids=["end first", "no start", "no end", "neither", "long ago"],
)
def test_184_odd_times_are_stored(
    live: Live, start_ns: int, end_ns: int, duration_ns: int | None
) -> None:
    live.accept(TRACES, one_span(start_time_unix_nano=start_ns, end_time_unix_nano=end_ns))
    columns = "epoch_ns(start_time) AS s, epoch_ns(end_time) AS e, duration_ns AS d"
    row = live.row("spans", columns)
    assert row == {"s": start_ns or None, "e": end_ns or None, "d": duration_ns}


def test_185_events_keep_all_they_have(live: Live) -> None:
    """Also what happened before the span, after it, or in another order."""
    times = [NOW_NS + 10**9, 1, NOW_NS, 0]
    events = [
        {
            "name": f"event {number}",
            "time_unix_nano": time_ns,
            "attributes": [attribute("n", int_value=number)],
            "dropped_attributes_count": number,
        }
        for number, time_ns in enumerate(times)
    ]
    live.accept(TRACES, one_span(events=events))
    found = live.row("spans", "events")["events"]
    assert [event["name"] for event in found] == [f"event {number}" for number in range(4)]
    assert [event["attributes"] for event in found] == [f'{{"n":{number}}}' for number in range(4)]
    assert [event["dropped_attributes_count"] for event in found] == [0, 1, 2, 3]
    sql = "list_transform(events, lambda e: epoch_ns(e.time)) AS times"
    assert live.row("spans", sql)["times"] == [time_ns or None for time_ns in times]


def test_186_links_keep_all_they_have(live: Live) -> None:
    link = {
        "trace_id": b"t" * 16,
        "span_id": b"s" * 8,
        "trace_state": "a=b",
        "attributes": [attribute("k", bool_value=True)],
        "dropped_attributes_count": 7,
        "flags": 0x301,
    }
    live.accept(TRACES, one_span(links=[link]))
    assert live.row("spans", "links")["links"] == [
        {
            "trace_id": (b"t" * 16).hex(),
            "span_id": (b"s" * 8).hex(),
            "trace_state": "a=b",
            "attributes": '{"k":true}',
            "dropped_attributes_count": 7,
            "flags": 0x301,
        }
    ]


@pytest.mark.parametrize("wrong", [{"trace_id": b"x"}, {"span_id": b""}, {"trace_id": bytes(16)}])
def test_186_an_invalid_link_is_dropped_alone(live: Live, wrong: dict[str, bytes]) -> None:
    good = {"trace_id": TRACE_ID, "span_id": SPAN_ID}
    found = live.partial(TRACES, one_span(links=[good | wrong, good]))
    assert (found.rejected_spans, "link" in found.error_message) == (0, True)
    assert live.row("spans", "links[1].trace_id AS id, len(links) AS n") == {
        "id": HEX_IDS["traceId"],
        "n": 1,
    }


def test_187_dropped_counts_are_kept(live: Live) -> None:
    names = [f"dropped_{what}_count" for what in ("attributes", "events", "links")]
    live.accept(TRACES, one_span(**dict.fromkeys(names, MOST)))
    assert live.row("spans", ", ".join(names)) == dict.fromkeys(names, MOST)


def test_188_a_span_that_comes_twice_is_there_twice(live: Live) -> None:
    live.accept(TRACES, traces(span(), span()))
    live.accept(TRACES, one_span())
    assert live.count("spans") == 3


def test_189_spans_come_in_any_order(live: Live) -> None:
    ids = [bytes([number]) * 8 for number in range(1, 6)]
    orphan = span(name="orphan", span_id=ids[4], parent_span_id=b"absent!!")
    live.accept(TRACES, one_span(name="child", span_id=ids[1], parent_span_id=ids[0]))
    live.accept(TRACES, traces(orphan, span(name="root", span_id=ids[0])))
    live.accept(TRACES, one_span(name="another root", span_id=ids[2]))
    names = [row["name"] for row in live.rows("spans", "name")]
    assert names == ["child", "orphan", "root", "another root"]
    assert live.row("spans", "count(DISTINCT trace_id) AS n") == {"n": 1}


def test_190_a_client_and_a_server_may_share_an_id(live: Live) -> None:
    live.accept(TRACES, traces(span(kind=3), span(kind=2)))
    assert [row["kind"] for row in live.rows("spans", "kind")] == ["client", "server"]
