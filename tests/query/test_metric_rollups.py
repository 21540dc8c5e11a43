"""metric_rollups in SQL: over what the storage wrote, of the files of the times asked for."""

from pathlib import Path

from support.fake_decoder import PROMOTED
from support.rolled_up import HOUR_S, SECOND_NS, START_NS, opened, send
from support.sql import answer, rows

from goldeneye.clock import ManualClock
from goldeneye.limits import MIB
from query.service import QueryService
from query.settings import QuerySettings

HOURS = 4


def test_rollups_are_asked_as_any_table(tmp_path: Path) -> None:
    clock = ManualClock(START_NS)
    with opened(tmp_path, clock) as storage:
        points = [
            {
                "series_id": 1,
                "name": "requests",
                "type": "sum",
                "temporality": "cumulative",
                "time": START_NS + (hour * HOUR_S + minute * 60) * SECOND_NS,
                "value": 100.0 * hour + minute,
            }
            for hour in range(HOURS)
            for minute in range(60)
        ]
        send(storage, clock, points)
        settings = QuerySettings(tmp_path, 256 * MIB, 2, 20.0, 1_000, 1)
        service = QueryService(settings, PROMOTED, storage, clock)
        try:
            assert rows(service, "FROM metric_rollups") == [], "they have no rows that are hot"
            clock.advance((HOURS + 1) * HOUR_S)
            storage.tick()
            hours = f"SELECT first, last, increase FROM metric_rollups WHERE period_s = {HOUR_S}"
            assert rows(service, f"{hours} ORDER BY time") == [
                [100.0 * hour, 100.0 * hour + 59, 59.0] for hour in range(HOURS)
            ]
            found = answer(service, f"{hours} AND time >= '2026-01-01 02:00'")
            assert (found["row_count"], found["files_read"]) == (2, 2)
            # The rule of docs/format.md, as one would write it.
            (whole,) = rows(
                service,
                """
                SELECT sum(increase) + sum(if(first < before, first, coalesce(first - before, 0)))
                FROM (
                    SELECT *, lag(last) OVER (PARTITION BY series_id ORDER BY first_time) AS before
                    FROM metric_rollups WHERE period_s = 300
                )
                """,
            )
            assert whole == [100.0 * (HOURS - 1) + 59]
        finally:
            service.close()
