"""SQL over what the storage itself wrote: generations of several days, the WAL's rows, a flush."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.fake_decoder import PROMOTED, START_NS, group
from support.snapshots import DAY_NS, HOUR_NS
from support.sql import answer, rows, value
from support.storage_folder import opened

from goldeneye.clock import ManualClock
from goldeneye.limits import MIB
from query.service import QueryService
from query.settings import QuerySettings
from storage.engine import Storage

DAYS = 4
NUMBER = "(attributes->>'shop.number')::BIGINT"


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    """Its clock stands at START_NS."""
    storage = opened(tmp_path)
    yield storage
    storage.close(10)


@pytest.fixture
def service(tmp_path: Path, storage: Storage) -> Iterator[QueryService]:
    settings = QuerySettings(tmp_path, 256 * MIB, 2, 20.0, 1_000, 1)
    service = QueryService(settings, PROMOTED, storage, ManualClock())
    yield service
    service.close()


@pytest.fixture
def days(storage: Storage) -> Storage:
    """A generation for each day, whose spans' numbers are the hours since START_NS, in ns."""
    for day in range(DAYS):
        numbers = [day * DAY_NS, day * DAY_NS + 5 * HOUR_NS]
        storage.commit([group(numbers), group(numbers, signal="metrics")])
        assert storage.flush()
    return storage


def paths(storage: Storage, table: str, from_ns: int, to_ns: int) -> list[Path]:
    with storage.snapshot("default") as snapshot:
        return [
            Path(file.path)
            for file in snapshot.files
            if file.table == table and from_ns <= file.min_time_ns < to_ns
        ]


@pytest.mark.parametrize(
    ("where", "hours", "files_read"),
    [
        ("true", [0, 5, 24, 29, 48, 53, 72, 77], 8),
        ("start_time >= '2026-01-03'", [48, 53, 72, 77], 4),
        ("start_time >= '2026-01-02' AND start_time < '2026-01-02 01:00'", [24], 1),
        ("start_time BETWEEN '2026-01-02' AND '2026-01-03'", [24, 29, 48], 3),
        ("start_time = TIMESTAMP '2026-01-04 05:00'", [77], 1),
        ("start_time > now() + INTERVAL 70 HOUR", [72, 77], 2),
        ("start_time < now() - INTERVAL 1 HOUR", [], 0),
        ("start_time > '2026-01-04' OR name = 'x'", [77], 8),
        ("NOT start_time <= '2026-01-04'", [77], 8),
    ],
)
def test_a_condition_on_time_opens_the_files_that_can_fulfil_it(
    service: QueryService, days: Storage, where: str, hours: list[int], files_read: int
) -> None:
    sql = f"SELECT {NUMBER} // {HOUR_NS} FROM spans WHERE {where} ORDER BY 1"
    found = answer(service, sql)
    assert [row[0] for row in found["rows"]] == hours
    assert found["files_read"] == files_read


def test_files_out_of_the_range_are_not_touched(service: QueryService, days: Storage) -> None:
    """They could as well be gone."""
    for path in paths(days, "spans", 0, START_NS + 2 * DAY_NS):
        path.unlink()
    assert value(service, "SELECT count(*) FROM spans WHERE start_time >= '2026-01-03'") == 4
    assert value(service, "SELECT count(*) FROM spans", start_ns=START_NS + 2 * DAY_NS) == 4


def test_points_of_a_day_come_with_the_series_of_that_day(
    service: QueryService, days: Storage
) -> None:
    sql = "SELECT value_int FROM metrics WHERE time >= '2026-01-01' AND time < '2026-01-01 01:00'"
    found = answer(service, sql)
    assert found["rows"] == [[0]]
    # One hour's points, and the day's series, which this decoder has on the first day alone.
    assert found["files_read"] == 1 + len(paths(days, "metric_series", 0, START_NS + DAY_NS))


def test_rows_in_files_and_in_the_log_are_one_table(service: QueryService, days: Storage) -> None:
    days.commit([group([1, 2, 3 * DAY_NS + 1])])
    sql = "SELECT count(*) FROM spans WHERE start_time >= '2026-01-04'"
    found = answer(service, sql)
    assert found["rows"] == [[3]]
    assert found["files_read"] == 2
    assert value(service, "SELECT count(*) FROM spans") == 2 * DAYS + 3


def test_every_row_is_seen_once_while_rows_come_and_are_flushed(
    service: QueryService, storage: Storage
) -> None:
    stop = threading.Event()
    committed = [0]

    def write() -> None:
        while not stop.is_set():
            storage.commit([group([committed[0]])])
            committed[0] += 1
            if committed[0] % 5 == 0:
                storage.flush()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        sql = f"SELECT count(*), count(DISTINCT {NUMBER}), coalesce(max({NUMBER}), -1) FROM spans"
        seen = []
        for _ in range(30):
            acknowledged = committed[0]
            [[count, distinct, last]] = rows(service, sql)
            assert count == distinct == last + 1
            assert count >= acknowledged
            seen.append(count)
    finally:
        stop.set()
        writer.join()
    assert seen == sorted(seen)
    assert seen[-1] > seen[0]


READS = [
    ("SELECT attributes->>'{key}' FROM spans", False),
    ("SELECT attributes->>$key FROM spans", True),
    ("SELECT count(*) FROM spans WHERE attributes->>'{key}' = '0'", False),
]


@pytest.mark.parametrize(("sql", "bound"), READS)
def test_a_promoted_key_is_read_from_its_column_alone(
    service: QueryService, days: Storage, sql: str, bound: bool
) -> None:
    plan = scanned(service, sql, "shop.number", bound)
    assert "attributes.shop.number" in plan
    assert "attributes_other" not in plan


@pytest.mark.parametrize(("sql", "bound"), READS)
def test_a_promoted_key_that_no_row_has_is_not_searched_for(
    service: QueryService, days: Storage, sql: str, bound: bool
) -> None:
    """The files have no column of it."""
    assert "attributes_other" not in scanned(service, sql, "http.route", bound)


@pytest.mark.parametrize(("sql", "bound"), READS)
def test_another_key_is_read_from_the_json_alone(
    service: QueryService, days: Storage, sql: str, bound: bool
) -> None:
    plan = scanned(service, sql, "other", bound)
    assert "attributes_other" in plan
    assert "attributes." not in plan


def scanned(service: QueryService, sql: str, key: str, bound: bool) -> str:
    """What EXPLAIN says that the query reads."""
    params = {"key": key} if bound else None
    return str(rows(service, f"EXPLAIN {sql.format(key=key)}", params=params))
