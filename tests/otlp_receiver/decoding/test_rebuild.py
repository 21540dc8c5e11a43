"""What was sent can be made again from the columns: nothing is lost that is not said to be."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from google.protobuf import text_format
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import full_request, otlp_fields, otlp_wire, rebuild, storage_folder, survivors
from support.batches import rows
from support.decoders import KEYS, RECEIVED_NS, decode, with_each_decoder
from support.otlp_server import serving
from support.otlp_values import REQUESTS
from support.storage_folder import hot_rows, lake_files

from goldeneye.clock import SystemClock
from goldeneye.decoded import Decoder
from goldeneye.schemas import DEFAULT_TENANT, SIGNALS, TABLES_OF_SIGNAL, Signal
from storage.engine import Storage

SLOWLY = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)

Tables = Mapping[str, list[dict[str, Any]]]


def rebuilt(signal: Signal, tables: Tables) -> list[Any]:
    """A request for each row."""
    if signal == "metrics":
        return rebuild.metrics(tables["metric_points"], tables["metric_series"])
    return (rebuild.spans if signal == "traces" else rebuild.logs)(tables[_only(signal)])


def _only(signal: Signal) -> str:
    (table,) = TABLES_OF_SIGNAL[signal]
    return table


def texts(requests: list[Any]) -> list[str]:
    """To compare and to show: NaN equals NaN, and -0.0 is not 0.0."""
    return [text_format.MessageToString(request) for request in requests]


@pytest.mark.parametrize("signal", SIGNALS)
def test_the_full_request_has_every_field(signal: Signal) -> None:
    request = full_request.full(signal)
    there = set(full_request.paths_set(request))
    without = {path for path in otlp_fields.paths(signal) if path not in there}
    assert {path.rpartition(".")[2] for path in without} == full_request.STRING_INDEXES


@pytest.mark.parametrize("signal", SIGNALS)
@with_each_decoder
def test_a_full_request_comes_back_from_storage(
    decoder: Decoder, tmp_path: Path, signal: Signal
) -> None:
    request = full_request.full(signal)
    expected = Counter(texts(survivors.of(signal, {RECEIVED_NS: request})))
    assert len(expected) > 7
    storage = Storage.open(storage_folder.settings(tmp_path, promoted=KEYS), decoder, SystemClock())
    with closing(storage), serving(storage, decoder) as server:
        answer = server.export(signal, request.SerializeToString())
        assert answer == b"", "nothing is rejected, and there is nothing to warn of"
        assert Counter(texts(rebuilt(signal, _hot(storage, signal)))) == expected
        assert storage.flush()
        assert not storage.snapshot(DEFAULT_TENANT).hot
        assert Counter(texts(rebuilt(signal, _flushed(tmp_path, signal)))) == expected


@contextmanager
def closing(storage: Storage) -> Iterator[None]:
    try:
        yield
    finally:
        storage.close(10)


def _hot(storage: Storage, signal: Signal) -> Tables:
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES_OF_SIGNAL[signal]}
    with storage.snapshot(DEFAULT_TENANT) as snapshot:
        for chunk in snapshot.hot:
            found[chunk.table] += rows(hot_rows(chunk.fd()))
    return found


def _flushed(data_dir: Path, signal: Signal) -> Tables:
    return {
        name: [
            row for path in lake_files(data_dir, name) for row in rows(pq.ParquetFile(path).read())
        ]
        for name in TABLES_OF_SIGNAL[signal]
    }


@with_each_decoder
@SLOWLY
@given(
    signal=st.sampled_from(SIGNALS),
    rng=st.randoms(use_true_random=False) | st.integers(0, 2**64).map(random.Random),
    bodies=st.integers(1, 20),
)
def test_what_is_accepted_of_any_requests_comes_back(
    decoder: Decoder, signal: Signal, rng: random.Random, bodies: int
) -> None:
    kind = REQUESTS[signal]
    sent = [kind.FromString(otlp_wire.request(rng, signal)) for _ in range(bodies)]
    compare(decoder, signal, [*sent, retold(sent[0])])


@with_each_decoder
@pytest.mark.parametrize("signal", SIGNALS)
def test_what_is_accepted_of_many_requests_comes_back(decoder: Decoder, signal: Signal) -> None:
    rng, kind = random.Random(5), REQUESTS[signal]
    sent = [kind.FromString(otlp_wire.request(rng, signal)) for _ in range(300)]
    assert compare(decoder, signal, sent) > 50


@with_each_decoder
@pytest.mark.parametrize("signal", SIGNALS)
def test_items_sent_again_in_other_words_come_back(decoder: Decoder, signal: Signal) -> None:
    request = full_request.full(signal)
    assert compare(decoder, signal, [request, retold(request)]) > 15


def compare(decoder: Decoder, signal: Signal, requests: list[Any]) -> int:
    """How many items came back."""
    expected = survivors.of(signal, dict(enumerate(requests, RECEIVED_NS)))
    decoded = decode(decoder, signal, "protobuf", [sent.SerializeToString() for sent in requests])
    tables = {name: rows(decoded.batches[name]) for name in decoded.batches}
    found = rebuilt(signal, tables) if tables else []
    assert texts(found) == texts(expected)
    assert sum(result.accepted for result in decoded.results) == len(expected)
    return len(expected)


def retold(request: Any) -> Any:
    """The same items of the same series, in other words: of metrics, the first words stay."""
    copy = type(request)()
    copy.CopyFrom(request)
    for _, envelopes in copy.ListFields():
        for envelope in envelopes:
            envelope.schema_url += "/other"
            envelope.resource.dropped_attributes_count = 99
            for metric in _metrics(envelope):
                metric.description += " in other words"
                metric.metadata.add(key="other")
    return copy


def _metrics(envelope: Any) -> list[Any]:
    scopes = getattr(envelope, "scope_metrics", ())
    return [metric for scope in scopes for metric in scope.metrics]
