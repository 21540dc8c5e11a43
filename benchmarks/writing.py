"""What it costs to write spans into files, and to merge these files, by the storage's own hands.

    python benchmarks/writing.py [--spans 2000000] [--data-dir DIR]

Spans of traces.py go through the log and the hot buffer into files, a default segment (64 MiB of
requests) a flush; then everything is merged as a day later, when nothing more is to be expected.
Rates are of the spans, and of the MB that went in: requests into the flush, files into the merge.
CPU is that of the merging processes too. With --data-dir the folder stays, for
benchmarks/questions.py.
"""

import argparse
import tempfile
from pathlib import Path

from filling import Cost, merge, table_sizes, write_spans
from traces import BODY_SPANS


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--spans", type=int, default=2_000_000)
    parser.add_argument("--data-dir", type=Path, help="a new folder, which stays")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="goldeneye-writing-") as folder:
        _measure(arguments.data_dir or Path(folder) / "data", arguments.spans)


def _measure(data_dir: Path, spans: int) -> None:
    print("| stage | spans | s | CPU s | spans/s | spans/CPU s | MB/s | files | bytes a span |")
    print("|---|---|---|---|---|---|---|---|---|")
    rows = -(-spans // BODY_SPANS) * BODY_SPANS
    written = write_spans(data_dir, spans)
    print(_row("flush", rows, written, data_dir), flush=True)
    print(_row("merge", rows, merge(data_dir), data_dir), flush=True)


def _row(stage: str, rows: int, cost: Cost, data_dir: Path) -> str:
    sizes = table_sizes(data_dir)
    assert sizes["spans"].rows == rows, f"{rows} spans were written, in files {sizes['spans']}"
    size_bytes = sum(size.size_bytes for size in sizes.values())
    return (
        f"| {stage} | {rows:,} | {cost.wall_s:.1f} | {cost.cpu_s:.1f} "
        f"| {rows / cost.wall_s:,.0f} | {rows / cost.cpu_s:,.0f} "
        f"| {cost.input_bytes / cost.wall_s / 1e6:,.0f} "
        f"| {sizes['spans'].files} | {size_bytes / rows:.1f} |"
    )


if __name__ == "__main__":
    main()
