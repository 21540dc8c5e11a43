"""Kill the server at random instants, and count what it acknowledged and lost or doubled.

    python tests/simulation/crash.py --kills 1000 [--seed N]

Writers on several connections send numbered items of every signal, over gRPC and HTTP, and note
which were acknowledged. After each SIGKILL the server starts again on the same folder, with
segments of 1 MiB so that flushes and commits are hit too. A request whose answer was lost is sent
once more with the same bytes, as a client would. The last line is
`N kills, N acknowledged, N lost, N doubled`; the exit code is 0 only where both are 0.
"""

import argparse
import random
import shutil
import sys
import tempfile
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.numbered import Writer, count_stored
from support.server import GoldeneyeProcess

_ENVIRONMENT = {
    "GOLDENEYE_WAL__SEGMENT_MAX_MIB": "1",
    "GOLDENEYE_WAL__SEGMENT_MAX_AGE_S": "1",
    "GOLDENEYE_QUERY__WORKERS": "1",
}
_MAX_LIFE_S = 2.0


def crash(kills: int, seed: int, folder: Path) -> tuple[int, int, int]:
    """Acknowledged, lost and doubled items after that many kills."""
    chance = random.Random(seed)
    server = GoldeneyeProcess(folder / "data", _ENVIRONMENT)
    writers = [Writer(signal, transport) for signal, transport in _CONNECTIONS]
    for kill in range(kills):
        server.start()
        _write_until_killed(server, writers, chance.uniform(0.02, _MAX_LIFE_S))
        if sys.stdout.isatty():
            print(f"\r{kill + 1}/{kills} kills", end="", flush=True)
    server.start()
    for writer in writers:
        writer.send_again(server)
    lost, doubled = count_stored(server, writers)
    server.stop()
    return sum(len(writer.acknowledged) for writer in writers), lost, doubled


_CONNECTIONS = [
    ("traces", "grpc"),
    ("logs", "grpc"),
    ("metrics", "grpc"),
    ("traces", "http"),
    ("logs", "http"),
    ("metrics", "http"),
]


def _write_until_killed(server: GoldeneyeProcess, writers: list[Writer], life_s: float) -> None:
    """All writers send for `life_s` seconds; then SIGKILL, in the middle of what they do."""
    threads = [threading.Thread(target=writer.run, args=(server,)) for writer in writers]
    for thread in threads:
        thread.start()
    killer = threading.Timer(life_s, server.kill)
    killer.start()
    for thread in threads:
        thread.join()
    killer.join()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="goldeneye-crash-"))
    print(f"seed {arguments.seed}, data in {folder}")
    acknowledged, lost, doubled = crash(arguments.kills, arguments.seed, folder)
    failed = bool(lost or doubled or not acknowledged)
    if not failed:
        shutil.rmtree(folder)
    print(f"{arguments.kills} kills, {acknowledged} acknowledged, {lost} lost, {doubled} doubled")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
