"""What Goldeneye writes itself, in SQL: as any other table, from the first question on."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from support.backend import Backend, backend
from support.fake_decoder import START_NS
from support.own_rows import MINUTE_NS, events, notices, slo_rows

import goldeneye
from goldeneye.schemas import OWN_TABLES, PromotedKeys, table

DAY_MINUTES = 1_440


def asked(whole: Backend, sql: str, **more: Any) -> Any:
    answer = whole.client.post("/api/v1/sql", json={"sql": sql, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def rows(whole: Backend, sql: str, **more: Any) -> list[list[Any]]:
    found: list[list[Any]] = asked(whole, sql, **more)["rows"]
    return found


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Backend]:
    with backend(tmp_path) as started:
        yield started


def test_they_are_there_before_the_first_row(whole: Backend, tmp_path: Path) -> None:
    for name in OWN_TABLES:
        found = asked(whole, f"SELECT * FROM {name}")
        assert [column["name"] for column in found["columns"]] == table(name, PromotedKeys()).names
        assert found["rows"] == []
    with goldeneye.connect(tmp_path) as connection:
        assert connection.execute("FROM alert_events").fetchall() == []


def test_rows_of_files_and_of_memory_are_one_table(whole: Backend, tmp_path: Path) -> None:
    whole.storage.append_rows(
        {"slo_minutes": slo_rows((0, 9.0, 10.0), (1, 5.0, 5.0)), "alert_events": events(1)}
    )
    whole.flush()
    whole.storage.append_rows(
        {
            "slo_minutes": slo_rows((0, -1.0, 0.0)),
            "alert_events": events(2),
            "notifications": notices(["a", "b"]),
        }
    )
    sums = "SELECT minute, sum(good), sum(total) FROM slo_minutes GROUP BY ALL ORDER BY minute"
    assert rows(whole, sums) == [
        ["2026-01-01T00:00:00.000000000Z", 8.0, 10.0],
        ["2026-01-01T00:01:00.000000000Z", 5.0, 5.0],
    ]
    changes = "SELECT before, after, labels->>'alertname', value FROM alert_events ORDER BY time"
    assert rows(whole, changes) == [["pending", "firing", "TooSlow", n] for n in (1.0, 2.0)]
    assert rows(whole, "SELECT alert_ids, received_time = time FROM notifications") == [
        [["a", "b"], True]
    ]
    with goldeneye.connect(tmp_path) as connection:
        assert connection.execute("SELECT value FROM alert_events ORDER BY 1").fetchall() == [
            (1.0,),
            (2.0,),
        ]
    command = [sys.executable, "-m", "goldeneye", "sql", "SELECT count(*) AS n FROM slo_minutes"]
    printed = subprocess.run(
        [*command, "--data-dir", str(tmp_path), "--format", "csv"],
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert printed.stdout == b"n\r\n3\r\n"
    whole.flush()
    for name, count in (("slo_minutes", 3), ("alert_events", 2), ("notifications", 1)):
        lake = f"read_parquet('{tmp_path}/lake/{name}/**/*.parquet', hive_partitioning = true)"
        found = duckdb.sql(f"SELECT * EXCLUDE (tenant, date, hour) FROM {lake}").to_arrow_table()
        assert (found.column_names, found.num_rows) == (table(name, PromotedKeys()).names, count)


def test_a_condition_on_time_reads_the_days_that_it_needs(whole: Backend) -> None:
    for day in range(3):
        whole.storage.append_rows({"slo_minutes": slo_rows((day * DAY_MINUTES, 1.0, 1.0))})
        whole.flush()
    within = "SELECT count(*) FROM slo_minutes WHERE minute >= '2026-01-02'"
    found = asked(whole, within)
    assert (found["rows"], found["files_read"]) == ([[2]], 2)
    bounded = asked(whole, "SELECT count(*) FROM slo_minutes", end="2026-01-02T00:00:00Z")
    assert (bounded["rows"], bounded["files_read"]) == ([[1]], 1)


def test_a_table_may_be_written_with_the_columns_at_hand(whole: Backend) -> None:
    few = pa.record_batch(
        {"minute": pa.array([START_NS + MINUTE_NS], pa.timestamp("ns")), "good": [2.0]}
    )
    whole.storage.append_rows({"slo_minutes": few})
    assert rows(whole, "SELECT slo, good, total FROM slo_minutes") == [[None, 2.0, None]]
