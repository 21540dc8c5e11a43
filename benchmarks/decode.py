"""How many items a second each decoder makes of OTLP, on one core.

    python benchmarks/decode.py [--enforce]

Both decoders take turns over the same bodies in one run, pinned to one core. `memcpy` is how fast
that core copies the same bytes: the machine's own limit.
"""

import argparse
import itertools
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import payloads

from goldeneye.decoded import Decoder
from goldeneye.schemas import SIGNALS, Encoding, Signal, well_known_keys
from otlp_receiver.decoding.native import NativeDecoder
from otlp_receiver.decoding.slow import SlowDecoder

ENCODINGS: Final[tuple[Encoding, ...]] = ("protobuf", "json")
# (items a body, bodies a group): one alone, and as many as gather under load.
GROUPS: Final = ((512, 1), (512, 16), (8_192, 1))
ROUNDS: Final = 7
SECONDS_EACH: Final = 0.25
# Items a second and core that we hold ourselves to, in groups of so many spans.
BOUND_ITEMS: Final = 8_192
BOUNDS: Final = {
    ("native", "traces", "protobuf"): 1_000_000,
    ("slow", "traces", "protobuf"): 40_000,
}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--enforce", action="store_true", help="fail where a bound is missed")
    enforce = parser.parse_args().enforce
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    decoders: list[Decoder] = [NativeDecoder(well_known_keys()), SlowDecoder(well_known_keys())]
    missed = 0
    names = " | ".join(f"{name}, items/s" for name in ("native", "slow", "memcpy"))
    print(f"| signal | encoding | items a body | bodies a group | {names} |")
    print("|---|---|---|---|---|---|---|")
    for signal, encoding, (items, bodies) in itertools.product(SIGNALS, ENCODINGS, GROUPS):
        rates = measure(decoders, signal, encoding, items, bodies)
        cells = " | ".join(f"{rate:,.0f}" for rate in rates.values())
        print(f"| {signal} | {encoding} | {items:,} | {bodies} | {cells} |", flush=True)
        if items * bodies == BOUND_ITEMS:
            missed += sum(
                rate < BOUNDS.get((name, signal, encoding), 0) for name, rate in rates.items()
            )
    print(f"{missed} bounds missed")
    return 1 if enforce and missed else 0


def measure(
    decoders: Sequence[Decoder], signal: Signal, encoding: Encoding, items: int, bodies: int
) -> dict[str, float]:
    """The median rate of each; the variants alternate, since machines are noisy."""
    groups = [
        [payloads.body(signal, encoding, items, group * bodies + index) for index in range(bodies)]
        for group in range(max(2, 16_384 // (items * bodies)))
    ]
    times = [payloads.START_NS] * bodies
    variants: dict[str, Callable[[list[bytes]], object]] = {
        decoder.name: partial(_decode, decoder, signal, encoding, times) for decoder in decoders
    }
    variants["memcpy"] = lambda group: [bytearray(body) for body in group]
    rates: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(ROUNDS):
        for name, run in variants.items():
            rates[name].append(_rate(run, groups, items * bodies))
    return {name: statistics.median(found) for name, found in rates.items()}


def _decode(
    decoder: Decoder, signal: Signal, encoding: Encoding, times: list[int], group: list[bytes]
) -> object:
    return decoder.decode(signal, encoding, group, times)


def _rate(run: Callable[[list[bytes]], object], groups: Sequence[list[bytes]], items: int) -> float:
    done = 0
    start = time.perf_counter()
    while (elapsed := time.perf_counter() - start) < SECONDS_EACH:
        run(groups[done % len(groups)])
        done += 1
    return done * items / elapsed


if __name__ == "__main__":
    sys.exit(main())
