"""How long searches of log records take, through the query service and its worker processes.

    python benchmarks/log_search.py [--data-dir DIR] [--records 10000000] [--runs 5]

Asked of records of log_lines.py, which are written and merged where the folder is not there. Warm:
the files are in the page cache. A search answers its newest 100 records. CPU is that of all
processes together, which says on a busy machine what the times would be on a quiet one.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
import processes
from filling import merge, read_only, table_sizes
from log_lines import RARE, write_logs

from goldeneye import wiring
from goldeneye.clock import ManualClock
from goldeneye.config import Config
from goldeneye.schemas import well_known_keys
from query.asking.reader import Reader
from query.asking.window import OpenWindow, Window
from query.logs.histogram import histogram
from query.logs.patterns import patterns
from query.logs.search import LogSearch, search
from query.logs.selection import Selection
from query.percentiles.asked import Step
from query.service import QueryService

_SEARCHES: Final = {
    "the newest records": Selection(),
    "a word in every seventh record": Selection("shard"),
    "a word in one of 200 records": Selection("refused"),
    "errors of one service": Selection(service="cart", min_severity="error"),
    "a word that is there twice": Selection(RARE.decode()),
    "the same, case-sensitive": Selection(RARE.decode(), case="sensitive"),
    "a word that is not there": Selection("kaputtnik"),
    "an id that is not there": Selection("0123456789abcdef"),
    "a regular expression, rare": Selection("/kaput+n.k/"),
    "an attribute that no record has": Selection("shop.region:mars"),
    "a trace that is not there": Selection(trace_id="f" * 32),
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=10_000_000, help="where they are made")
    parser.add_argument("--data-dir", type=Path, help="a folder of this program, or a new one")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="goldeneye-logs-") as folder:
        data_dir = arguments.data_dir or Path(folder) / "data"
        if not data_dir.exists():
            write_logs(data_dir, arguments.records)
            merge(data_dir)
        _measure(data_dir, arguments.runs)


def _measure(data_dir: Path, runs: int) -> None:
    logs = table_sizes(data_dir)["logs"]
    print(f"{logs.rows:,} records in {logs.files} files, {logs.size_bytes / 1e9:.2f} GB")
    print("| question | p50, ms | most, ms | CPU, ms | found |")
    print("|---|---|---|---|---|")
    with read_only(data_dir) as storage:
        settings = wiring.query_settings(Config.model_validate({"data_dir": data_dir}))
        service = QueryService(settings, well_known_keys(), storage, ManualClock())
        try:
            for name, selection in _SEARCHES.items():
                print(_row(service, name, lambda reader, one=selection: _found(reader, one), runs))
            files = service.rows_of_times("logs", None, None)
            end_ns = max(file.max_ns for file in files) + 1
            window = Window(end_ns - 3_600_000_000_000, end_ns)
            step = Step(window.start_ns, 60_000_000_000)
            for name, ask in {
                "histogram of an hour": lambda reader: len(
                    histogram(reader, Selection(), window, step)["buckets"]
                ),
                "patterns of an hour": lambda reader: len(
                    patterns(reader, Selection(), window, 50)["patterns"]
                ),
            }.items():
                print(_row(service, name, ask, runs))
        finally:
            service.close()


def _found(reader: Reader, selection: Selection) -> int:
    asked = LogSearch(selection, OpenWindow(None, None), "newest", 100, None, {})
    return len(search(reader, asked)["logs"])


def _row(service: QueryService, name: str, ask: Any, runs: int) -> str:
    ask(Reader(service))
    taken_ms = []
    start_cpu_s = processes.cost(os.getpid()).cpu_s
    for _ in range(runs):
        start_s = time.perf_counter()
        found = ask(Reader(service))
        taken_ms.append((time.perf_counter() - start_s) * 1e3)
    cpu_ms = (processes.cost(os.getpid()).cpu_s - start_cpu_s) / runs * 1e3
    cells = f"{np.median(taken_ms):,.0f} | {max(taken_ms):,.0f} | {cpu_ms:,.0f}"
    return f"| {name} | {cells} | {found} |"


if __name__ == "__main__":
    main()
