"""A flame graph of a server that takes in at full rate, by py-spy, native frames with it.

    python benchmarks/flame.py [--py-spy PATH] [--signal traces] [--items 512] [--seconds 20]

py-spy is not among what `make setup` installs. It reads another process's memory, which needs root
or CAP_SYS_PTRACE in many containers. Only threads that run are in the graph, of the server's own
process; --raw keeps the stacks. Sampling stops the server for moments and takes most of a core, so
neither rates nor the shares of threads are to be read from such a run (stages.py has them), only
what a thread does with its time.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Final

import flame_graph
import ingest
from support.server import GoldeneyeProcess

OUT: Final = ingest.ROOT / "docs" / "images" / "flame.svg"
MISSING: Final = "there is no py-spy: `pip install py-spy`, or tell where it is with --py-spy PATH"
# Until the load has begun and the first groups are in.
WARM_S: Final = 2.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--py-spy", help="the program, where it is not on PATH")
    parser.add_argument("--signal", default="traces")
    parser.add_argument("--items", type=int, default=512)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--rate", type=int, default=50, help="samples a second")
    parser.add_argument("--least", type=float, default=0.005, help="share a frame must have")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--raw", type=Path, help="where the collapsed stacks are to be kept")
    given = parser.parse_args()
    program = shutil.which(given.py_spy or "py-spy")
    if program is None:
        sys.exit(MISSING)
    subprocess.run(["cargo", "build", "--quiet", "--release"], cwd=ingest.LOADGEN, check=True)
    with tempfile.TemporaryDirectory(prefix="goldeneye-flame-") as folder:
        raw = given.raw or Path(folder) / "stacks"
        _record(program, Path(folder), raw, given)
        whole = flame_graph.collapsed(raw.read_text().splitlines())
    title = f"taking in {given.signal}, {given.items:,} items a body, over gRPC"
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(flame_graph.drawn(whole, title, given.least), encoding="utf-8")
    for thread, share in flame_graph.by_thread(whole).items():
        if share >= given.least:
            print(f"{thread}: {share:.1%}")
    print(f"{given.out}: {given.out.stat().st_size >> 10} KiB of {whole.samples:,} samples")
    return 0


def _record(program: str, folder: Path, raw: Path, given: argparse.Namespace) -> None:
    """Collapsed stacks of a server under load; the load lasts a little longer."""
    case = ingest.Case(given.signal, "grpc", given.items, "identity")
    bodies = ingest.write_bodies(case, folder / "bodies")
    load = ingest.Load(4, 8, given.seconds + 2 * WARM_S, rate=0.0)
    server = GoldeneyeProcess(folder / "data").start()
    try:
        arguments = (case, load, bodies, server.grpc_endpoint)
        sending = threading.Thread(target=ingest.send, args=arguments)
        sending.start()
        sending.join(WARM_S)
        words = [program, "record", "--native", "--threads", "--format", "raw"]
        words += ["--rate", str(given.rate), "--duration", str(given.seconds)]
        words += ["--output", str(raw), "--pid", str(server.process.pid)]
        ended = subprocess.run(words, capture_output=True, text=True, check=False)
        sending.join()
    finally:
        server.stop()
    if ended.returncode:
        sys.exit(f"py-spy ended with {ended.returncode}: {ended.stderr.strip()}")


if __name__ == "__main__":
    sys.exit(main())
