"""How many items a body has is told at once, never too low, and not far from the truth."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import otlp_json, otlp_wire
from support.decoders import DECODERS, decode, with_each_decoder
from support.requests import BODIES, ONE_SPAN_JSON

from goldeneye.decoded import Decoder
from goldeneye.schemas import SIGNALS, Encoding, Signal

SIGNAL = st.sampled_from(SIGNALS)
RANDOM = st.integers(0, 2**64).map(random.Random)
SLOWLY = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


def told(signal: Signal, encoding: Encoding, body: bytes) -> int:
    """By all decoders alike."""
    (found,) = {decoder.items(signal, encoding, body) for decoder in DECODERS.values()}
    return found


def found(signal: Signal, encoding: Encoding, body: bytes) -> int:
    """By decoding; 0 where the body is refused."""
    (result,) = decode(DECODERS["slow"], signal, encoding, [body]).results
    return result.accepted + result.rejected_count


@with_each_decoder
@pytest.mark.parametrize("signal", SIGNALS)
def test_usual_bodies_are_told_exactly(decoder: Decoder, signal: Signal) -> None:
    for count in (0, 1, 1_000):
        assert decoder.items(signal, "protobuf", BODIES[signal](count)) == count
    assert decoder.items("traces", "json", ONE_SPAN_JSON) == 1
    assert decoder.items(signal, "json", b"{}") == 0


@SLOWLY
@given(SIGNAL, RANDOM)
def test_it_is_never_too_low(signal: Signal, rng: random.Random) -> None:
    wire = otlp_wire.request(rng, signal, odd=0.05)
    assert told(signal, "protobuf", wire) >= found(signal, "protobuf", wire)
    text = otlp_json.request(rng, signal, odd=0.05)
    assert told(signal, "json", text) >= found(signal, "json", text)


@SLOWLY
@given(SIGNAL, RANDOM)
def test_what_is_mutated_is_told_alike_and_never_too_low(
    signal: Signal, rng: random.Random
) -> None:
    wire = otlp_wire.mutated(rng, otlp_wire.request(rng, signal, odd=0.05))
    assert told(signal, "protobuf", wire) >= found(signal, "protobuf", wire)
    text = otlp_wire.mutated(rng, otlp_json.request(rng, signal, odd=0.05))
    assert told(signal, "json", text) >= found(signal, "json", text)


@given(SIGNAL, st.sampled_from(["protobuf", "json"]), st.binary(max_size=200))
def test_nonsense_is_told_alike(signal: Signal, encoding: Encoding, body: bytes) -> None:
    assert told(signal, encoding, body) <= len(body)


@with_each_decoder
def test_brackets_in_strings_are_none(decoder: Decoder) -> None:
    body = ONE_SPAN_JSON.replace(b'"json"', rb'"{[{[{[{[{\"{[{[{[{[{\\"')
    assert decoder.items("traces", "json", body) == 1
