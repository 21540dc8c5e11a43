"""Rows of the tables that Goldeneye writes itself."""

from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st
from support.fake_decoder import START_NS, FakeDecoder
from support.merging import HereAndNow
from support.storage_folder import settings

from goldeneye.clock import Clock
from goldeneye.schemas import PromotedKeys, table
from storage.engine import Storage
from storage.file_system import RealFileSystem

MINUTE_NS = 60_000_000_000
# A minute (from START_NS), good and total: small whole numbers, whose sums are exact.
DELTA = st.tuples(
    st.integers(-2_000, 2_000), st.integers(-9, 9).map(float), st.integers(-9, 9).map(float)
)


def slo_rows(*deltas: tuple[int, float, float], slo: str = "checkout") -> pa.RecordBatch:
    """Deltas of minutes counted from START_NS."""
    rows = [
        {"slo": slo, "minute": START_NS + minute * MINUTE_NS, "good": good, "total": total}
        for minute, good, total in deltas
    ]
    return pa.RecordBatch.from_pylist(rows, table("slo_minutes", PromotedKeys()))


def events(*numbers: int) -> pa.RecordBatch:
    """A transition each; its number is its value."""
    rows = [
        {
            "time": START_NS + number,
            "rule": "TooSlow",
            "kind": "promql",
            "labels": '{"alertname":"TooSlow"}',
            "before": "pending",
            "after": "firing",
            "value": float(number),
        }
        for number in numbers
    ]
    return pa.RecordBatch.from_pylist(rows, table("alert_events", PromotedKeys()))


def notices(*alert_ids: list[str]) -> pa.RecordBatch:
    """A notification each."""
    rows = [
        {"time": START_NS, "receiver": "team", "status": "sent", "alert_ids": ids, "attempts": 1}
        for ids in alert_ids
    ]
    return pa.RecordBatch.from_pylist(rows, table("notifications", PromotedKeys()))


def without_threads(data_dir: Path, clock: Clock, **changes: Any) -> Storage:
    """A storage that does what is due when `tick` is called, all in this process."""
    fs = RealFileSystem()
    return Storage.open(
        settings(data_dir, **changes),
        FakeDecoder(),
        clock,
        fs,
        worker=HereAndNow(fs),
        threads=False,
    )
