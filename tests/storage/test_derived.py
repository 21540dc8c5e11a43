"""What a flush derives from its spans: whatever they hold, and whatever DuckDB says to it."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.derived_model import DECODER, PROMOTED, Span, group
from support.fake_decoder import START_NS
from support.storage_folder import lake_files, settings

from goldeneye.clock import DAY_NS, ManualClock
from goldeneye.schemas import DERIVED_FROM, PromotedKeys, table
from goldeneye.telemetry import REGISTRY
from storage import parquet
from storage.derived import RECEIVED, Deriver
from storage.engine import Storage

TENANT = "default"
# Enough for a part of so many rows, and for none at all.
ROWS = 40_000
SMALL_BYTES = 4 << 20
TOO_SMALL_BYTES = 1 << 20


def spans(count: int) -> pa.Table:
    """Rows of `count` spans, each of a trace of its own."""
    made = [Span(1 + n, 1, start_ns=START_NS + n, end_ns=START_NS + n + 5) for n in range(count)]
    batch = group(made, START_NS).decoded.batches["spans"]
    return pa.Table.from_batches([batch])


def named(rows: pa.Table, names: list[str]) -> pa.Table:
    """The spans with other names, no two of one trace."""
    at = rows.column_names.index("name")
    return rows.set_column(at, rows.schema.field(at), pa.array(names))


def opened(data_dir: Path) -> Storage:
    given = settings(data_dir, promoted=PROMOTED)
    return Storage.open(given, DECODER, ManualClock(), threads=False)


def derived(rows: pa.Table, deriver: Deriver | None = None) -> dict[str, pa.Table]:
    found = (deriver or Deriver()).derived({(TENANT, "spans"): (rows, frozenset())})
    return {name: found[TENANT, name][0] for name in DERIVED_FROM}


def lost(name: str) -> float:
    labels = {"table": name}
    return REGISTRY.get_sample_value("goldeneye_storage_underived_rows_total", labels) or 0.0


@pytest.mark.parametrize("name", DERIVED_FROM)
def test_rows_have_the_types_of_the_table(name: str) -> None:
    expected = table(name, PromotedKeys()).append(pa.field(RECEIVED, pa.timestamp("ns")))
    for rows in (spans(3), spans(3).slice(0, 0)):
        found = derived(rows)[name]
        assert parquet.columns(found.schema) == parquet.columns(expected)
    assert derived(spans(3))[name].column(RECEIVED).cast(pa.int64()).to_pylist()[0] == START_NS


def test_other_tables_are_not_derived_from() -> None:
    assert Deriver().derived({(TENANT, "logs"): (spans(1), frozenset())}) == {}


def test_what_does_not_fit_at_once_is_taken_in_parts() -> None:
    """Keys then have several rows, which add up; nothing is lost."""
    rows = named(spans(ROWS), [f"{number % (ROWS // 2)}" for number in range(ROWS)])
    before = {name: lost(name) for name in DERIVED_FROM}
    whole, parts = derived(rows), derived(rows, Deriver(SMALL_BYTES))
    assert len(whole["span_rollups"]) == ROWS // 2 < len(parts["span_rollups"])
    for found in (whole, parts):
        assert sum(found["span_rollups"].column("count").to_pylist()) == ROWS
        assert len(set(found["trace_parts"].column("trace_id").to_pylist())) == ROWS
    assert {name: lost(name) for name in DERIVED_FROM} == before


def test_what_cannot_be_derived_from_is_written_all_the_same(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    assert storage._flusher is not None
    storage._flusher._deriver = Deriver(TOO_SMALL_BYTES)
    before = {name: lost(name) for name in DERIVED_FROM}
    storage.commit([group([Span(1, 1 + n, start_ns=START_NS + n) for n in range(3)], START_NS)])
    assert storage.flush()
    assert storage.status()["files"]["spans"]["rows"] == 3
    assert not storage.status()["quarantine"]
    assert lake_files(tmp_path, "span_rollups") == lake_files(tmp_path, "trace_parts") == []
    assert {name: lost(name) - before[name] for name in DERIVED_FROM} == dict.fromkeys(
        DERIVED_FROM, 3
    )
    storage.close(10)


def test_the_longest_names_take_no_room() -> None:
    """As much text as a segment holds, all of it in the keys."""
    rows = named(spans(64), [f"{number}" + "x" * (1 << 20) for number in range(64)])
    before = {name: lost(name) for name in DERIVED_FROM}
    assert len(derived(rows, Deriver(SMALL_BYTES))["span_rollups"]) == 64
    assert {name: lost(name) for name in DERIVED_FROM} == before


def test_files_are_of_days_and_sorted_and_go_with_their_spans(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    late = [Span(7 - n, 1, service=f"s{n % 3}", start_ns=START_NS - n * DAY_NS) for n in range(4)]
    storage.commit([group(late * 2, START_NS + 5)])
    storage.flush()
    for name in DERIVED_FROM:
        paths = lake_files(tmp_path, name)
        assert [path.parent.name for path in paths] == ["hour=24"] * 4
        for path in paths:
            assert pq.read_schema(path).names == table(name, PromotedKeys()).names
    received = {
        file.entry.table: file.max_received_ns
        for file in storage._catalog.files()
        if file.entry.table in ("spans", *DERIVED_FROM)
    }
    assert set(received.values()) == {START_NS + 5}
    storage.close(10)
