"""goldeneye.query.v1.QueryService by a real client: answers, refusals, tokens, cancellation."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pyarrow as pa
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from grpc_health.v1 import health_pb2, health_pb2_grpc
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, TracesData
from support.backend import Backend, add_attributes, backend, spans_request
from support.fake_decoder import START_NS

from goldeneye.tokens import OPEN, Tokens
from query.grpc_service.proto.goldeneye.query.v1 import query_pb2
from query.grpc_service.server import SERVICE, QueryGrpcServer

TRACE_ID = "0102030405060708090a0b0c0d0e0f10"
SLOW = "SELECT count(*) FROM range(1000000000) t(a) WHERE regexp_matches(repeat('a', 99) || a, 'b')"
Ask = Callable[..., Any]


def span() -> Span:
    found = Span(
        trace_id=bytes.fromhex(TRACE_ID),
        span_id=bytes(range(1, 9)),
        name="GET /cart",
        start_time_unix_nano=START_NS + 1,
        end_time_unix_nano=START_NS + 1_001,
    )
    add_attributes(found.attributes, {"http.route": "/cart", "size": 3})
    found.links.add(trace_id=bytes([9] * 16), span_id=bytes([8] * 8))
    return found


def logs_request() -> ExportLogsServiceRequest:
    request = ExportLogsServiceRequest()
    record = request.resource_logs.add().scope_logs.add().log_records.add()
    record.time_unix_nano, record.severity_number = START_NS, 17  # type: ignore[assignment]
    record.body.string_value = "no stock"
    add_attributes(record.attributes, {"sku": 7})
    return request


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    with backend(tmp_path_factory.mktemp("data")) as whole:
        whole.send(spans_request([span()]), logs_request())
        yield whole


def served(whole: Backend, tokens: Tokens = OPEN) -> Iterator[grpc.Channel]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> QueryGrpcServer:
        server = QueryGrpcServer(whole.service, "127.0.0.1:0", None, tokens)
        await server.start()
        return server

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(20)
    try:
        with grpc.insecure_channel(server.address) as channel:
            yield channel
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(10), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture(scope="module")
def channel(whole: Backend) -> Iterator[grpc.Channel]:
    yield from served(whole)


def method(channel: grpc.Channel, name: str) -> Ask:
    found = query_pb2.DESCRIPTOR.services_by_name["QueryService"].methods_by_name[name]
    make = channel.unary_stream if name == "Sql" else channel.unary_unary
    request, response = (
        getattr(query_pb2, kind.name) for kind in (found.input_type, found.output_type)
    )
    call: Any = make(f"/{SERVICE}/{name}", request.SerializeToString, response.FromString)
    return lambda **members: call(request(**members), timeout=15)


def sql(channel: grpc.Channel, **members: Any) -> tuple[pa.Table, Any]:
    *pieces, last = method(channel, "Sql")(**members)
    assert not last.arrow
    table = pa.ipc.open_stream(b"".join(piece.arrow for piece in pieces)).read_all()
    return table, last.facts


def test_sql_comes_as_a_stream_of_arrow(channel: grpc.Channel) -> None:
    rows = "SELECT range AS n, repeat('x', 100) AS text FROM range($n)"
    table, facts = sql(channel, sql=rows, params_json='{"n": 20000}')
    assert table["n"].to_pylist() == list(range(20_000))
    assert (facts.row_count, facts.truncated) == (20_000, False)


def test_sql_is_bounded_by_time(channel: grpc.Channel) -> None:
    counted = "SELECT count(*) AS n FROM spans"
    assert sql(channel, sql=counted)[0]["n"].to_pylist() == [1]
    assert sql(channel, sql=counted, start="2026-01-02T00:00:00Z")[0]["n"].to_pylist() == [0]
    assert sql(channel, sql=counted, end="now+1h")[0]["n"].to_pylist() == [1]


def test_a_trace_is_what_was_sent(channel: grpc.Channel) -> None:
    answer = method(channel, "GetTrace")(trace_id=TRACE_ID)
    [resource_spans] = TracesData.FromString(answer.traces_data).resource_spans
    [found] = resource_spans.scope_spans[0].spans
    found.attributes.sort(key=lambda one: one.key)
    assert found == span()
    assert resource_spans.resource == spans_request([span()]).resource_spans[0].resource


def test_traces_are_searched(channel: grpc.Channel) -> None:
    search = method(channel, "SearchTraces")
    answer = search(attribute=["size>2"], service="shop", order="slowest", limit=1)
    [trace] = answer.traces
    assert trace.trace_id == TRACE_ID
    assert trace.start_time == Timestamp(seconds=START_NS // 10**9, nanos=1)
    assert (trace.duration_ns, trace.span_count, trace.error_count) == (1_000, 1, 0)
    assert (trace.root_service_name, trace.root_name, list(trace.services)) == (
        "shop",
        "GET /cart",
        ["shop"],
    )
    assert not answer.HasField("next_cursor")
    assert not search(attribute=["size>3"]).traces


def test_logs_are_searched(channel: grpc.Channel) -> None:
    [entry] = method(channel, "SearchLogs")(query="stock severity>=error").logs
    assert (entry.body, entry.body_text, entry.attributes) == (
        '"no stock"',
        "no stock",
        '{"sku":7}',
    )
    assert (entry.severity_number, entry.severity) == (17, "error")
    assert entry.time == Timestamp(seconds=START_NS // 10**9)


@pytest.mark.parametrize(
    ("name", "members", "code", "words"),
    [
        ("Sql", {"sql": "DROP TABLE spans"}, "INVALID_ARGUMENT", "SELECT"),
        ("Sql", {"sql": "SELECT nothing FROM spans"}, "INVALID_ARGUMENT", "nothing"),
        ("Sql", {"sql": "SELECT 1", "params_json": "{"}, "INVALID_ARGUMENT", "params_json"),
        ("Sql", {"sql": "SELECT 1", "start": "soon"}, "INVALID_ARGUMENT", "'soon' is not a time"),
        (
            "Sql",
            {"sql": "SELECT 1", "start": "2", "end": "1"},
            "INVALID_ARGUMENT",
            "not before end",
        ),
        ("GetTrace", {"trace_id": "00ff"}, "INVALID_ARGUMENT", "trace_id"),
        ("GetTrace", {"trace_id": "f" * 32}, "NOT_FOUND", "f" * 32),
        ("SearchTraces", {"limit": -1}, "INVALID_ARGUMENT", "limit"),
        ("SearchTraces", {"min_duration": "x"}, "INVALID_ARGUMENT", "min_duration"),
        ("SearchLogs", {"query": '"open'}, "INVALID_ARGUMENT", "character"),
    ],
)
def test_a_wrong_question_is_refused(
    channel: grpc.Channel, name: str, members: dict[str, Any], code: str, words: str
) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        list(answer) if (answer := method(channel, name)(**members)) and name == "Sql" else None
    assert refused.value.code() == grpc.StatusCode[code]
    assert words in refused.value.details()


@pytest.mark.parametrize("name", ["Sql", "SearchTraces"])
def test_what_is_no_message_is_refused(channel: grpc.Channel, name: str) -> None:
    make = channel.unary_stream if name == "Sql" else channel.unary_unary
    call: Any = make(f"/{SERVICE}/{name}", bytes, bytes)
    with pytest.raises(grpc.RpcError) as refused:
        list(call(b"\x0a\x02\xff\xfe", timeout=15))
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "no " + name + "Request" in refused.value.details()


def test_a_cancelled_call_ends_its_query(whole: Backend, channel: grpc.Channel) -> None:
    """There is one worker: else the next call would wait past its own deadline for it."""
    call = method(channel, "Sql")(sql=SLOW)
    while whole.service.status()["workers"]["idle"]:
        time.sleep(0.001)
    call.cancel()
    assert sql(channel, sql="SELECT 1 AS one")[0]["one"].to_pylist() == [1]


def test_it_is_healthy(channel: grpc.Channel) -> None:
    stub = health_pb2_grpc.HealthStub(channel)
    answer = stub.Check(health_pb2.HealthCheckRequest(service=SERVICE))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_tokens_are_asked_for(whole: Backend, tmp_path: Path) -> None:
    file = tmp_path / "tokens.yaml"
    file.write_text(f"- {{name: ann, scopes: [read], token_sha256: {'a' * 64}}}\n")
    for channel in served(whole, Tokens(file)):
        with pytest.raises(grpc.RpcError) as refused:
            method(channel, "GetTrace")(trace_id=TRACE_ID)
        assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED
