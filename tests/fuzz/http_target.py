"""Hypothesis against HTTP framing and decompression for `SECONDS`, each round with a new seed."""

import sys
import time
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from hypothesis import HealthCheck, given, seed, settings
from support import hostile_http
from support.committer import RecordingCommitter
from support.hostile_http import Ending, Request
from support.http_fuzzing import PIECES, PIPELINES, check_ending, check_pipeline
from support.otlp_server import OtlpServer, serving

from goldeneye.schemas import well_known_keys
from otlp_receiver.decoding.choose import decoder

EXAMPLES = 200
_SETTINGS = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)


def fuzz(server: OtlpServer, committer: RecordingCommitter, number: int) -> None:
    """One round; raises what it finds."""

    @seed(number)
    @_SETTINGS
    @given(PIPELINES, PIECES)
    def pipelines(pipeline: list[Request], pieces: int) -> None:
        check_pipeline(server, committer, pipeline, pieces)

    @seed(number)
    @_SETTINGS
    @given(PIPELINES, hostile_http.endings(), PIECES)
    def endings(pipeline: list[Request], ending: Ending, pieces: int) -> None:
        check_ending(server, committer, pipeline, ending, pieces)

    pipelines()
    endings()


def main() -> None:
    deadline_s = time.monotonic() + int(sys.argv[1])
    first = time.time_ns()
    committer = RecordingCommitter()
    with serving(committer, decoder(well_known_keys())) as server:
        for number in count(first):
            fuzz(server, committer, number)
            if time.monotonic() >= deadline_s:
                break
    print(f"{(number - first + 1) * 2 * EXAMPLES} examples")


if __name__ == "__main__":
    main()
