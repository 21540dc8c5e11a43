"""Death at operations of the disk: rollups and traces say what the spans say that are there."""

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.attributed import HereAndNow
from support.derived_model import DECODER, PROMOTED, Span, group
from support.dying_disk import Died, DyingDisk
from support.fake_decoder import START_NS
from support.storage_folder import abandon, settings

from goldeneye.clock import DAY_NS, ManualClock
from storage import parquet
from storage.compaction.worker import carry_out
from storage.engine import Storage
from storage.file_system import FileSystem

# What is sent, by trace; None stands for a flush, "merge" for two days later.
_LIFE: list[Any] = [[1, 2], None, [1], None, "merge", [2, 3], None]
# Deaths at all of them take minutes; those of spans are tried one by one elsewhere.
_STRIDE = 9
_SPANS = "SELECT trace_id, count(*) FROM {} GROUP BY ALL"
_ROLLUPS = "SELECT sum(count) FROM {}"
_TRACES = "SELECT trace_id, CAST(sum(span_count) AS BIGINT) FROM {} GROUP BY ALL"


class OnDisk(HereAndNow):
    """Merges in this process, through the test's disk."""

    def __init__(self, fs: FileSystem | None) -> None:
        super().__init__()
        self._fs = fs

    def merge(self, task: Any) -> dict[str, Any]:
        return super().merge(task) if self._fs is None else carry_out(task, self._fs)


def opened(data_dir: Path, clock: ManualClock, disk: DyingDisk | None = None) -> Storage:
    given = settings(data_dir, promoted=PROMOTED)
    return Storage.open(given, DECODER, clock, disk, worker=OnDisk(disk), threads=False)


def live(data_dir: Path, disk: DyingDisk) -> ManualClock:
    clock = ManualClock(START_NS)
    storage = None
    try:
        storage = opened(data_dir, clock, disk)
        for number, step in enumerate(_LIFE):
            if step is None:
                storage.flush()
            elif step == "merge":
                clock.advance(2 * DAY_NS / 1e9)
                storage.tick()
            else:
                sent = [Span(trace, 1 + number, 9, start_ns=START_NS) for trace in step]
                storage.commit([group(sent, clock.now_ns())])
    except Died:
        pass
    finally:
        if storage is not None:
            abandon(storage)
    return clock


def check(storage: Storage) -> None:
    """What counts in files; rows of the log are nobody's but the queries'."""
    with storage.snapshot("default") as snapshot:
        spans = _asked(snapshot.files, "spans", _SPANS)
        assert _asked(snapshot.files, "trace_parts", _TRACES) == spans
        [(counted,)] = _asked(snapshot.files, "span_rollups", _ROLLUPS) or [(None,)]
        assert (counted or 0) == sum(count for _, count in spans)


def _asked(files: Any, table: str, sql: str) -> list[Any]:
    paths = [file.path for file in files if file.table == table]
    if not paths:
        return []
    source = f"read_parquet({paths}, union_by_name = true)"
    return sorted(duckdb.sql(sql.format(source)).fetchall())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("power_cut", [False, True], ids=["kill", "power cut"])
def test_death_while_living(tmp_path: Path, power_cut: bool) -> None:
    whole = DyingDisk()
    live(tmp_path / "whole", whole)
    merged = (tmp_path / "whole" / "files").glob("m*.parquet")
    assert {"span_rollups", "trace_parts"} <= {_table(path) for path in merged}
    for die_at in range(1 + 2 * power_cut, whole.operations + 1, _STRIDE):
        data_dir = tmp_path / str(die_at)
        clock = live(data_dir, DyingDisk(die_at, power_cut))
        storage = opened(data_dir, clock)
        check(storage)
        storage.flush()
        check(storage)
        clock.advance(3 * DAY_NS / 1e9)
        storage.tick()
        check(storage)
        storage.close(10)
        shutil.rmtree(data_dir)


def _table(path: Path) -> str:
    return str(parquet.read_metadata(path)[0]["table"])
