"""Two decoders over the same bodies: what they say and what they make must be equal."""

from collections.abc import Sequence
from typing import Final

import pytest
from support.batches import differences

from goldeneye.decoded import BodyResult, Decoded, Decoder
from goldeneye.schemas import Encoding, PromotedKeys, Signal, well_known_keys
from otlp_receiver.decoding import choose
from otlp_receiver.decoding.slow import SlowDecoder
from otlp_receiver.reasons import TIME_WARNINGS

RECEIVED_NS = 20_000 * 86_400_000_000_000 + 7
KEYS: Final = well_known_keys()


def installed(keys: PromotedKeys) -> dict[str, Decoder]:
    """Each decoder that this installation has."""
    return {found.name: found for found in (SlowDecoder(keys), choose.decoder(keys))}


DECODERS: Final = installed(KEYS)
with_each_decoder: Final = pytest.mark.parametrize(
    "decoder", DECODERS.values(), ids=DECODERS.keys()
)


def decode(
    decoder: Decoder, signal: Signal, encoding: Encoding, bodies: Sequence[bytes]
) -> Decoded:
    """Decode bodies that are received a nanosecond apart."""
    times = [RECEIVED_NS + index for index in range(len(bodies))]
    return decoder.decode(signal, encoding, bodies, times)


def disagreements(one: Decoded, other: Decoded) -> list[str]:
    """What differs between two decoders' work, a line each; the words of errors may."""
    found = [
        f"body {index}: {a} against {b}"
        for index, (a, b) in enumerate(zip(one.results, other.results, strict=True))
        if _outcome(a) != _outcome(b)
    ]
    if one.strays != other.strays:
        found.append(f"strays: {one.strays} against {other.strays}")
    if set(one.batches) != set(other.batches):
        return [*found, f"tables: {set(one.batches)} against {set(other.batches)}"]
    for table, batch in one.batches.items():
        found += [f"{table}.{line}" for line in differences(batch, other.batches[table])]
    return found


def warnings(result: BodyResult) -> dict[str, int]:
    """Without those of times: these depend on when a test runs."""
    return {code: n for code, n in result.warnings.items() if code not in TIME_WARNINGS}


def _outcome(result: BodyResult) -> BodyResult:
    """The result without the words of its error."""
    return BodyResult(
        result.accepted,
        dict(result.rejected),
        dict(result.warnings),
        None if result.error is None else "refused",
        result.first_rejected,
    )
