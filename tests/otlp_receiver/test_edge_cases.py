"""Every edge case over HTTP and, where it is protobuf, over gRPC: the answer, and what is kept."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from google.rpc import status_pb2
from support import edge_cases, http2, storage_folder
from support.edge_cases import ANSWERS, Answer
from support.otlp_server import OtlpServer, method, serving
from support.requests import RESPONSES

from goldeneye.clock import ManualClock
from goldeneye.decoded import BodyResult, Decoder
from goldeneye.schemas import Signal, well_known_keys
from otlp_receiver import responses
from otlp_receiver.decoding import choose
from otlp_receiver.decoding.slow import SlowDecoder
from storage.engine import Storage

TABLES = {"traces": "spans", "metrics": "metric_points", "logs": "logs"}
CASES = [(name, signal) for name in ANSWERS for signal in edge_cases.signals(name)]
GRPC_CASES = [case for case in CASES if Path(case[0]).suffix in edge_cases.GRPC_SUFFIXES]
# The gRPC status for each HTTP status.
CODES = {400: 3, 413: 8}
KEYS = well_known_keys()
DECODERS: dict[str, Decoder] = {
    decoder.name: decoder for decoder in (SlowDecoder(KEYS), choose.decoder(KEYS))
}


@pytest.fixture(scope="module", params=list(DECODERS))
def decoder(request: pytest.FixtureRequest) -> Decoder:
    """Each decoder that this installation has."""
    return DECODERS[request.param]


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory, decoder: Decoder) -> Iterator[Storage]:
    data_dir = tmp_path_factory.mktemp("data")
    settings = storage_folder.settings(data_dir, promoted=KEYS)
    opened = Storage.open(settings, decoder, ManualClock())
    yield opened
    opened.close(10)


@pytest.fixture(scope="module")
def server(storage: Storage, decoder: Decoder) -> Iterator[OtlpServer]:
    """The receiver in front of the real storage, which all the cases share."""
    with serving(storage, decoder, clock=ManualClock()) as found:
        yield found


def test_the_index_and_the_answers_are_of_the_same_files() -> None:
    files = {path.name for path in (edge_cases.FOLDER / "edge-cases").iterdir()}
    assert set(ANSWERS) == set(edge_cases.index()) == files
    assert len(files) == 46


@pytest.mark.parametrize(("name", "signal"), CASES)
def test_over_http(server: OtlpServer, storage: Storage, name: str, signal: Signal) -> None:
    before = _row_counts(storage)
    answer, coding = ANSWERS[name], edge_cases.CODINGS.get(Path(name).suffix)
    content_type = "application/json" if name.endswith(".json") else "application/x-protobuf"
    headers = {"Content_Encoding": coding} if coding else {}
    found = server.post(f"/v1/{signal}", edge_cases.body(name), content_type, **headers)
    assert found.status_code == answer.status, found.content
    assert found.headers["Content-Type"] == content_type
    if answer.status == 200:
        assert found.content == _success(signal, content_type, answer, found.content)
    else:
        status = _status(found.content, content_type)
        assert status.code == CODES[answer.status]
        assert answer.error in status.message
    _check_stored(storage, before, signal, answer)


@pytest.mark.parametrize(("name", "signal"), GRPC_CASES)
def test_over_grpc(server: OtlpServer, storage: Storage, name: str, signal: Signal) -> None:
    before, answer = _row_counts(storage), ANSWERS[name]
    found = http2.call(
        server.grpc_address,
        method(signal),
        edge_cases.body(name),
        encoding=edge_cases.CODINGS.get(Path(name).suffix),
        content_type="application/grpc",
    )
    if answer.status == 200:
        assert found.grpc_status == 0
        assert found.data[5:] == _success(signal, "application/x-protobuf", answer, found.data[5:])
    else:
        assert found.grpc_status == CODES[answer.status]
        assert answer.error.encode() in (found.header(b"grpc-message") or b"")
    _check_stored(storage, before, signal, answer)


def _success(signal: Signal, content_type: str, answer: Answer, found: bytes) -> bytes:
    """The body of a response: exact counts, each reason and each warning, a place as `found`."""
    encoding: Any = "json" if content_type == "application/json" else "protobuf"
    place = re.search(rb"the first is (resource_\w+\[\d+\]\.scope_\w+\[\d+\][\w.\[\]]+)", found)
    assert (place is not None) == bool(answer.rejected)
    result = BodyResult(
        answer.rows,
        answer.rejected,
        answer.warnings,
        first_rejected=place.group(1).decode() if place else None,
    )
    body = responses.success(signal, encoding, result)
    if encoding == "protobuf":
        success: Any = RESPONSES[signal].FromString(body)
    else:
        success = json_format.Parse(body, RESPONSES[signal]())
    assert success.HasField("partial_success") == bool(answer.rejected or answer.warnings)
    return body


def _status(body: bytes, content_type: str) -> status_pb2.Status:
    if content_type == "application/json":
        return json_format.Parse(body, status_pb2.Status())
    return status_pb2.Status.FromString(body)


def _row_counts(storage: Storage) -> dict[str, int]:
    rows = storage.status()["hot_rows"]
    return {table: rows[table] for table in TABLES.values()}


def _check_stored(storage: Storage, before: dict[str, int], signal: Signal, answer: Answer) -> None:
    """What the case added."""
    table = TABLES[signal]
    assert _row_counts(storage) == {**before, table: before[table] + answer.rows}
    for name, wanted in answer.values.items():
        found = storage_folder.column(storage, table, name)[before[table] :]
        assert [repr(value) for value in found] == [repr(value) for value in wanted], name
