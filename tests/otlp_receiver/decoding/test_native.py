"""The native decoder agrees with the slow one on everything, and nothing crashes it."""

import random
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import otlp_json, otlp_wire
from support.decoders import decode, disagreements

from goldeneye.decoded import Decoder
from goldeneye.schemas import PROMOTED_PREFIXES, SIGNALS, Encoding, Signal, hot, well_known_keys
from otlp_receiver.decoding.slow import SlowDecoder

pytest.importorskip("goldeneye_native", reason="the native core is not installed")

from otlp_receiver.decoding.native import NativeDecoder

SLOW = SlowDecoder(well_known_keys())
NATIVE = NativeDecoder(well_known_keys())
SIGNAL = st.sampled_from(SIGNALS)
# A seed reaches further in the same time than draws that can be shrunk.
RANDOM = st.integers(0, 2**64).map(random.Random)
SEED = 10  # of requests that hold something of everything
SLOWLY = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


def agree(signal: Signal, encoding: Encoding, bodies: list[bytes]) -> None:
    slow = decode(SLOW, signal, encoding, bodies)
    native = decode(NATIVE, signal, encoding, bodies)
    assert not disagreements(slow, native)


@SLOWLY
@given(SIGNAL, RANDOM, st.sampled_from([0.0, 0.05]), st.integers(1, 3))
def test_any_requests_become_equal_tables(
    signal: Signal, rng: random.Random, odd: float, bodies: int
) -> None:
    agree(signal, "protobuf", [otlp_wire.request(rng, signal, odd=odd) for _ in range(bodies)])


@SLOWLY
@given(SIGNAL, RANDOM, st.integers(1, 3))
def test_any_json_requests_become_equal_tables(
    signal: Signal, rng: random.Random, bodies: int
) -> None:
    agree(signal, "json", [otlp_json.request(rng, signal, odd=0.05) for _ in range(bodies)])


@SLOWLY
@given(SIGNAL, RANDOM)
def test_a_mutated_body_is_judged_alike_and_hurts_no_neighbour(
    signal: Signal, rng: random.Random
) -> None:
    whole = [otlp_wire.request(rng, signal, odd=0.02) for _ in range(3)]
    agree(signal, "protobuf", [whole[0], otlp_wire.mutated(rng, whole[1]), whole[2]])


@SLOWLY
@given(SIGNAL, RANDOM)
def test_mutated_json_is_judged_alike(signal: Signal, rng: random.Random) -> None:
    whole = [otlp_json.request(rng, signal) for _ in range(3)]
    agree(signal, "json", [whole[0], otlp_wire.mutated(rng, whole[1]), whole[2]])


@SLOWLY
@given(SIGNAL, st.sampled_from(["protobuf", "json"]), st.binary(max_size=200))
def test_random_bytes_are_judged_alike(signal: Signal, encoding: str, body: bytes) -> None:
    agree(signal, cast(Encoding, encoding), [body])


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_body_cut_off_anywhere_is_judged_alike(signal: Signal) -> None:
    body = otlp_wire.request(random.Random(SEED), signal)
    assert len(body) > 300
    agree(signal, "protobuf", [body[:end] for end in range(len(body))])


@pytest.mark.parametrize("signal", SIGNALS)
def test_json_cut_off_anywhere_is_judged_alike(signal: Signal) -> None:
    body = otlp_json.request(random.Random(SEED), signal)
    assert len(body) > 300
    agree(signal, "json", [body[:end] for end in range(len(body))])


@SLOWLY
@given(SIGNAL, RANDOM)
def test_every_item_is_accepted_or_rejected_by_a_reason(signal: Signal, rng: random.Random) -> None:
    body = otlp_wire.request(rng, signal)
    decoded = decode(NATIVE, signal, "protobuf", [body])
    (result,) = decoded.results
    table = {"traces": "spans", "metrics": "metric_points", "logs": "logs"}[signal]
    rows = decoded.batches[table].num_rows if table in decoded.batches else 0
    assert result.error is None
    assert result.accepted == rows
    assert result.accepted + result.rejected_count == otlp_wire.items(signal, body)


@pytest.mark.parametrize("decoder", [SLOW, NATIVE], ids=lambda decoder: decoder.name)
@pytest.mark.parametrize("depth", [64, 128, 129, 20_000, 500_000])
def test_depth_is_kept_to_128_and_refused_beyond(decoder: Decoder, depth: int) -> None:
    decoded = decode(decoder, "logs", "protobuf", [otlp_wire.nested_log(depth)])
    if depth > 128:
        assert "128 deep" in str(decoded.results[0].error)
        assert not decoded.batches
    else:
        (body,) = decoded.batches["logs"].column("body").to_pylist()
        assert body == "[" * depth + "]" * depth


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_batch_has_the_schema_of_its_table(signal: Signal) -> None:
    bodies = [otlp_wire.request(random.Random(seed), signal) for seed in range(20)]
    decoded = decode(NATIVE, signal, "protobuf", bodies)
    assert decoded.batches
    for table, batch in decoded.batches.items():
        filled = {
            name
            for name, column in zip(batch.schema.names, batch.columns, strict=True)
            if column.null_count < batch.num_rows
        }
        assert list(batch.schema) == [
            field
            for field in hot(table, well_known_keys())
            if field.name in filled or not field.name.startswith(PROMOTED_PREFIXES)
        ]
        batch.validate(full=True)


def test_a_group_of_no_bodies_is_empty() -> None:
    decoded = decode(NATIVE, "traces", "protobuf", [])
    assert not decoded.batches
    assert not decoded.results
