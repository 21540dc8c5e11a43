"""How many items a second each decoder makes of OTLP, on one core.

    python benchmarks/decode.py [--enforce]

Both decoders take turns over the same bodies in one run, pinned to one core. `memcpy` is how fast
that core copies the same bytes: the machine's own limit.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Final

import payloads

from goldeneye.decoded import Decoder
from goldeneye.schemas import SIGNALS, Encoding, Signal, well_known_keys
from otlp_receiver.decoding.native import NativeDecoder
from otlp_receiver.decoding.slow import SlowDecoder

ENCODINGS: Final[tuple[Encoding, ...]] = ("protobuf", "json")
BODY_ITEMS: Final = (512, 8_192)
ROUNDS: Final = 7
SECONDS_EACH: Final = 0.25
# Items a second and core that we hold ourselves to: (decoder, signal, encoding, items a body).
BOUNDS: Final = {
    ("native", "traces", "protobuf", 512): 1_000_000,
    ("native", "traces", "protobuf", 8_192): 1_000_000,
    ("slow", "traces", "protobuf", 512): 40_000,
    ("slow", "traces", "protobuf", 8_192): 40_000,
}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--enforce", action="store_true", help="fail where a bound is missed")
    enforce = parser.parse_args().enforce
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    decoders: list[Decoder] = [NativeDecoder(well_known_keys()), SlowDecoder(well_known_keys())]
    missed = 0
    print(
        "| signal | encoding | items a body | native, items/s | slow, items/s | memcpy, items/s |"
    )
    print("|---|---|---|---|---|---|")
    for signal in SIGNALS:
        for encoding in ENCODINGS:
            for items in BODY_ITEMS:
                rates = measure(decoders, signal, encoding, items)
                cells = " | ".join(f"{rate:,.0f}" for rate in rates.values())
                print(f"| {signal} | {encoding} | {items:,} | {cells} |", flush=True)
                missed += sum(
                    rate < BOUNDS.get((name, signal, encoding, items), 0)
                    for name, rate in rates.items()
                )
    print(f"{missed} bounds missed")
    return 1 if enforce and missed else 0


def measure(
    decoders: Sequence[Decoder], signal: Signal, encoding: Encoding, items: int
) -> dict[str, float]:
    """The median rate of each; the variants alternate, since machines are noisy."""
    bodies = [payloads.body(signal, encoding, items, seed) for seed in range(16_384 // items)]
    variants: dict[str, Callable[[bytes], object]] = {
        decoder.name: lambda body, d=decoder: d.decode(
            signal, encoding, [body], [payloads.START_NS]
        )
        for decoder in decoders
    }
    variants["memcpy"] = bytearray
    rates: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(ROUNDS):
        for name, run in variants.items():
            rates[name].append(_rate(run, bodies, items))
    return {name: statistics.median(found) for name, found in rates.items()}


def _rate(run: Callable[[bytes], object], bodies: Sequence[bytes], items: int) -> float:
    done = 0
    start = time.perf_counter()
    while (elapsed := time.perf_counter() - start) < SECONDS_EACH:
        run(bodies[done % len(bodies)])
        done += 1
    return done * items / elapsed


if __name__ == "__main__":
    sys.exit(main())
