"""How long questions about traces take, through the query service and its worker processes.

    python benchmarks/questions.py [--data-dir DIR] [--spans 10000000] [--runs 50]

Asked of a folder of writing.py, which is made where it is not there. Values differ from run to run:
they are those of spans at random instants, so that popular ones occur more often. Warm: the files
are in the page cache, the same question has been asked of other values before. Cold: before each
run the kernel is told to forget the pages of all files (posix_fadvise DONTNEED); the workers keep
what they hold in memory. CPU is the mean of all processes together, which says on a busy machine
what the times would be on a quiet one.
"""

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import processes
import pyarrow as pa
from filling import merge, read_only, table_sizes, write_spans

from goldeneye import wiring
from goldeneye.clock import ManualClock
from goldeneye.config import Config
from goldeneye.schemas import DEFAULT_TENANT, well_known_keys
from query.service import QueryService, SqlQuery
from storage.engine import Storage

QUARTER_NS: Final = 15 * 60 * 10**9
_SECOND_NS: Final = 10**9
_COLD_RUNS: Final = 10
_SAMPLE: Final = """
SELECT trace_id, service_name AS service, attributes->>'user.id' AS user,
       attributes->>'http.route' AS route
FROM spans WHERE attributes->>'http.route' IS NOT NULL LIMIT 40
"""


@dataclass(frozen=True)
class Question:
    """`within` says whether only 15 minutes around the value are asked for."""

    name: str
    sql: str
    value: str
    within: bool = False


QUESTIONS: Final = (
    Question(
        "trace by id",
        "SELECT span_id, parent_span_id, service_name, name, kind, start_time, duration_ns, "
        "status_code FROM spans WHERE trace_id = $value",
        "trace_id",
    ),
    Question("trace by id, all columns", "SELECT * FROM spans WHERE trace_id = $value", "trace_id"),
    Question(
        "service over 15 min",
        "SELECT name, count(*), count(*) FILTER (status_code = 'error'), "
        "quantile_cont(duration_ns, 0.95) FROM spans WHERE service_name = $value GROUP BY name",
        "service",
        within=True,
    ),
    Question(
        "spans of a user",
        "SELECT trace_id, name, start_time, duration_ns FROM spans "
        "WHERE attributes->>'user.id' = $value ORDER BY start_time DESC LIMIT 100",
        "user",
    ),
    Question(
        "filter and p95 by a promoted attribute",
        "SELECT quantile_cont(duration_ns, 0.95) FROM spans "
        "WHERE attributes->>'http.route' = $value",
        "route",
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--spans", type=int, default=10_000_000, help="where they are made")
    parser.add_argument("--data-dir", type=Path, help="a folder of writing.py, or a new one")
    parser.add_argument("--runs", type=int, default=50)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="goldeneye-query-") as folder:
        data_dir = arguments.data_dir or Path(folder) / "data"
        if not data_dir.exists():
            write_spans(data_dir, arguments.spans)
            merge(data_dir)
        _measure(data_dir, arguments.runs)


def _measure(data_dir: Path, runs: int) -> None:
    spans = table_sizes(data_dir)["spans"]
    print(f"{spans.rows:,} spans in {spans.files} files, {spans.size_bytes / 1e9:.2f} GB")
    print(
        "| question | warm p50, ms | warm p95, ms | warm CPU, ms "
        "| cold p50, ms | cold p95, ms | files read |"
    )
    print("|---|---|---|---|---|---|---|")
    with read_only(data_dir) as storage:
        service = service_of(data_dir, storage)
        try:
            samples = list(samples_of(service, span_times(storage), runs))
            for question in QUESTIONS:
                print(_row(service, data_dir / "files", question, samples), flush=True)
        finally:
            service.close()


def service_of(data_dir: Path, storage: Storage) -> QueryService:
    config = Config.model_validate({"data_dir": data_dir})
    settings = wiring.query_settings(config)
    return QueryService(settings, well_known_keys(), storage, ManualClock())


def span_times(storage: Storage) -> list[tuple[int, int]]:
    """From when to when each file has spans."""
    with storage.snapshot(DEFAULT_TENANT) as snapshot:
        entries = [entry for entry in snapshot.files if entry.table == "spans"]
    return [(entry.min_time_ns, entry.max_time_ns) for entry in entries]


def samples_of(
    service: QueryService, times_ns: list[tuple[int, int]], count: int
) -> Iterator[dict[str, Any]]:
    """Values of one span each, and its time."""
    rng = random.Random(1)
    for _ in range(count):
        at_ns = rng.randrange(*rng.choice(times_ns)) - _SECOND_NS
        query = SqlQuery(_SAMPLE, start_ns=at_ns, end_ns=at_ns + _SECOND_NS, format="arrow")
        with service.run(query) as answer:
            rows = _arrow_rows(answer.read())
        if rows:
            yield {**rng.choice(rows), "at_ns": at_ns}


def _arrow_rows(data: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pa.ipc.open_stream(data).read_all().to_pylist()
    return found


def _row(
    service: QueryService, folder: Path, question: Question, samples: list[dict[str, Any]]
) -> str:
    files_read = 0
    for sample in samples[:5]:
        files_read = max(files_read, _ask(service, question, sample))
    start_cpu_s = processes.cost(os.getpid()).cpu_s
    warm_ms = [_timed_ms(lambda one=sample: _ask(service, question, one)) for sample in samples]
    cpu_ms = (processes.cost(os.getpid()).cpu_s - start_cpu_s) / len(samples) * 1e3
    cold_ms = []
    for sample in samples[:_COLD_RUNS]:
        _forget(folder)
        cold_ms.append(_timed_ms(lambda one=sample: _ask(service, question, one)))
    cells = [*np.percentile(warm_ms, [50, 95]), cpu_ms, *np.percentile(cold_ms, [50, 95])]
    numbers = " | ".join(f"{cell:,.1f}" for cell in cells)
    return f"| {question.name} | {numbers} | {files_read} |"


def _ask(service: QueryService, question: Question, sample: dict[str, Any]) -> int:
    """The answer, read as the API reads it; how many files were read for it."""
    around = (sample["at_ns"] - QUARTER_NS // 2, sample["at_ns"] + QUARTER_NS // 2)
    start_ns, end_ns = around if question.within else (None, None)
    params = {"value": sample[question.value]}
    with service.run(SqlQuery(question.sql, params, start_ns, end_ns)) as answer:
        answer.read()
        assert answer.row_count, f"{question.name}: no answer for {params}"
        return answer.files_read


def _timed_ms(run: Callable[[], object]) -> float:
    start_s = time.perf_counter()
    run()
    return (time.perf_counter() - start_s) * 1e3


def _forget(folder: Path) -> None:
    for path in folder.iterdir():
        fd = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(fd)


if __name__ == "__main__":
    main()
