"""How long every kind of question takes over HTTP, of a server in a process of its own.

    python benchmarks/query [--data-dir DIR] [--rows 10000000] [--runs 50] [--only compare]
    python benchmarks/query --load 240 …      # beside so many requests of 512 spans a second

Asked of a folder with so many spans (traces.py) and log records (log_lines.py), which is made and
merged where it is not there. The server works on hard links of it, some seconds after the last
span by its own clock, so that the folder stays as it is. Values differ from run to run. Warm:
each question has been asked of other values before. CPU is the mean of all of the server's
processes together, which says on a busy machine what the times would be on a quiet one. With
--load, eight readers ask at once while benchmarks/loadgen sends; CPU is then that of taking in too.
Of each question, what the first time took is said on stderr.
"""

import argparse
import http
import http.client
import itertools
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import numpy as np
from asked import QUESTIONS, Question, Sample

from goldeneye.schemas import DEFAULT_TENANT

BENCHMARKS: Final = Path(__file__).parents[1]
sys.path[:0] = [str(BENCHMARKS), str(BENCHMARKS.parent / "tests")]

import ingest  # noqa: E402
import payloads  # noqa: E402
import processes  # noqa: E402
from copies import linked  # noqa: E402
from filling import merge, read_only, table_sizes, write_spans  # noqa: E402
from log_lines import write_logs  # noqa: E402
from shop import SERVICES  # noqa: E402
from support.server import GoldeneyeProcess  # noqa: E402

_AFTER_LAST_NS: Final = 5 * 10**9
_WARMING: Final = 5
_READERS: Final = 8
_LOAD: Final = ingest.Case("traces", "grpc", 512, "identity")
_TIMEOUT_S: Final = 120.0
# Spread over the whole folder, however large it is.
_SAMPLE: Final = (
    "SELECT trace_id, attributes->>'user.id' AS user_id FROM spans ORDER BY hash(span_id) LIMIT 500"
)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000, help="where they are made")
    parser.add_argument("--data-dir", type=Path, help="a folder of this program, or a new one")
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20.0, help="at most, for one question")
    parser.add_argument("--only", default="", help="only questions whose name has this text")
    parser.add_argument("--map-spans", type=int, help="at which a service map looks at most")
    parser.add_argument("--load", type=float, default=0.0, help="requests a second meanwhile")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="goldeneye-query-") as folder:
        data_dir = given.data_dir or Path(folder) / "data"
        if not data_dir.exists():
            _make(data_dir, given.rows)
        _measure(data_dir, given)


def _make(data_dir: Path, rows: int) -> None:
    write_spans(data_dir, rows)
    write_logs(data_dir, rows)
    merge(data_dir)


def _measure(data_dir: Path, given: argparse.Namespace) -> None:
    sizes = table_sizes(data_dir)
    said = (f"{sizes[table].rows:,} {table}" for table in ("spans", "logs"))
    print(f"{' and '.join(said)}, {given.load:g} requests of 512 spans a second meanwhile")
    print(
        "| question | asked | p50, ms | p95, ms | bound, ms | CPU, ms |\n|---|---|---|---|---|---|"
    )
    chosen = [one for one in QUESTIONS if given.only in one.name]
    with ExitStack() as stack:
        offset_ns = _last_ns(data_dir) + _AFTER_LAST_NS - time.time_ns()
        sender = stack.enter_context(_sender(given, offset_ns))
        server = stack.enter_context(_serving(data_dir, offset_ns, given.map_spans))
        samples = _samples(server)
        for question in chosen:
            print(_row(server, question, samples, given, sender), flush=True)


def _last_ns(data_dir: Path) -> int:
    with read_only(data_dir) as storage, storage.snapshot(DEFAULT_TENANT) as snapshot:
        return max(file.max_time_ns for file in snapshot.files if file.table in ("spans", "logs"))


@contextmanager
def _serving(data_dir: Path, offset_ns: int, map_spans: int | None) -> Iterator[GoldeneyeProcess]:
    limits = () if map_spans is None else (f"MAX_MAP_SPANS={map_spans}",)
    program = (str(BENCHMARKS / "later_server.py"), str(offset_ns), *limits)
    # Beside the folder: hard links do not leave a file system.
    with tempfile.TemporaryDirectory(prefix=f"{data_dir.name}-", dir=data_dir.parent) as folder:
        linked_dir = Path(folder) / "data"
        shutil.copytree(data_dir, linked_dir, copy_function=linked)
        server = GoldeneyeProcess(linked_dir, program=program).start()
        try:
            yield server
        finally:
            server.stop()


def _samples(server: GoldeneyeProcess) -> list[Sample]:
    services = itertools.cycle(SERVICES)
    return [{**row, "service": next(services)} for row in server.sql(_SAMPLE)]


@dataclass(frozen=True)
class Sender:
    """Sends spans of the server's own time, for as long as a question is asked."""

    bodies: Path
    load: ingest.Load

    @contextmanager
    def sending(self, address: str) -> Iterator[None]:
        with ThreadPoolExecutor(1) as pool:
            ending = pool.submit(ingest.send, _LOAD, self.load, self.bodies, address)
            yield
            found = ending.result()
        reached = found["acknowledged"] / found["elapsed_s"]
        if reached < 0.9 * self.load.rate or found["refused"]:
            print(f"only {reached:,.0f} requests/s, {found['refused']}", file=sys.stderr)


@contextmanager
def _sender(given: argparse.Namespace, offset_ns: int) -> Iterator[Sender | None]:
    """By the server's clock; none where nothing is to be sent."""
    if not given.load:
        yield None
        return
    latest_ns = payloads.START_NS + _LOAD.items * 1_000_000
    load = ingest.Load(
        connections=4,
        in_flight=8,
        seconds=given.seconds,
        rate=given.load,
        becomes_now_ns=latest_ns - offset_ns,
    )
    with tempfile.TemporaryDirectory(prefix="goldeneye-bodies-") as folder:
        yield Sender(ingest.write_bodies(_LOAD, Path(folder) / "bodies"), load)


def _row(
    server: GoldeneyeProcess,
    question: Question,
    samples: list[Sample],
    given: argparse.Namespace,
    sender: Sender | None,
) -> str:
    readers = _READERS if given.load else 1
    turns = itertools.count()
    _first(server, question, samples[next(turns)])
    for _ in range(_WARMING - 1):
        _ask(server, question, samples[next(turns)])
    loaded = sender.sending(server.grpc_endpoint) if sender else nullcontext()

    def read(_: int) -> list[float]:
        taken_ms: list[float] = []
        with _connected(server) as connection:
            while len(taken_ms) < given.runs and time.monotonic() < deadline_s:
                sample = samples[next(turns) % len(samples)]
                taken_ms.append(_ask(server, question, sample, connection))
        return taken_ms

    with loaded, ThreadPoolExecutor(readers) as pool:
        before_s = processes.cost(server.process.pid).cpu_s
        deadline_s = time.monotonic() + given.seconds
        taken_ms = [one for some in pool.map(read, range(readers)) for one in some]
        cpu_ms = (processes.cost(server.process.pid).cpu_s - before_s) / len(taken_ms) * 1e3
    p50, p95 = np.percentile(taken_ms, [50, 95])
    bound = question.bound_ms or ""
    cells = f"{len(taken_ms)} | {p50:,.1f} | {p95:,.1f} | {bound} | {cpu_ms:,.1f}"
    return f"| {question.name} | {cells} |"


def _first(server: GoldeneyeProcess, question: Question, sample: Sample) -> None:
    before_s = processes.cost(server.process.pid).cpu_s
    start_s = time.perf_counter()
    with _connected(server) as connection:
        # What is not ready in time goes on where it was.
        while _asked(question, sample, connection)[0] == http.HTTPStatus.UNPROCESSABLE_ENTITY:
            continue
    taken_ms = (time.perf_counter() - start_s) * 1e3
    cpu_ms = (processes.cost(server.process.pid).cpu_s - before_s) * 1e3
    print(f"{question.name}, first: {taken_ms:,.1f} ms, CPU {cpu_ms:,.1f} ms", file=sys.stderr)


@contextmanager
def _connected(server: GoldeneyeProcess) -> Iterator[http.client.HTTPConnection]:
    address = server.api_url.rpartition("/")[2]
    connection = http.client.HTTPConnection(address, timeout=_TIMEOUT_S)
    connection.connect()
    try:
        yield connection
    finally:
        connection.close()


def _ask(
    server: GoldeneyeProcess,
    question: Question,
    sample: Sample,
    connection: http.client.HTTPConnection | None = None,
) -> float:
    """Milliseconds until the whole answer was here."""
    with _connected(server) if connection is None else nullcontext(connection) as own:
        start_s = time.perf_counter()
        status, body = _asked(question, sample, own)
        taken_ms = (time.perf_counter() - start_s) * 1e3
    assert status == http.HTTPStatus.OK, f"{question.name}: {status} {body.decode()}"
    return taken_ms


def _asked(
    question: Question, sample: Sample, connection: http.client.HTTPConnection
) -> tuple[int, bytes]:
    path = f"/api/v1/{question.path.format_map(sample)}?{urlencode(question.params(sample))}"
    connection.request("GET", path)
    response = connection.getresponse()
    return response.status, response.read()


if __name__ == "__main__":
    main()
