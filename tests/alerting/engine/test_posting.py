"""Rows that the lake refuses wait, so many and no more."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.alert_engine import KeptLake

from alerting.engine.posting import Posting
from alerting.state.database import Database
from alerting.state.outbox import Outbox
from goldeneye.telemetry import REGISTRY


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    database = Database(tmp_path)
    yield Outbox(database)
    database.close()


def _add(outbox: Outbox, *times: int) -> None:
    lines = ({"time": time, "integration": "i", "group_key": "g", "status": "sent"}
             for time in times)  # fmt: skip
    outbox.add("notifications", lines)


def _measured(name: str) -> float:
    return REGISTRY.get_sample_value(f"goldeneye_alerting_outbox_{name}") or 0.0


def test_the_oldest_are_dropped_where_too_many_wait(outbox: Outbox) -> None:
    lake, dropped_before = KeptLake(), _measured("dropped_rows_total")
    posting = Posting(outbox, lake, most=3)
    lake.full = True
    for times in ((1, 2), (3,), (4, 5)):
        _add(outbox, *times)
        assert not posting.run()
    assert _measured("rows") == 3
    assert _measured("dropped_rows_total") - dropped_before == 2
    lake.full = False
    assert posting.run()
    assert [line["time"] for line in lake.tables["notifications"]] == [3, 4, 5]
    assert _measured("rows") == 0


def test_what_the_lake_takes_is_never_too_many(outbox: Outbox) -> None:
    lake, dropped_before = KeptLake(), _measured("dropped_rows_total")
    _add(outbox, *range(10))
    assert Posting(outbox, lake, most=3).run()
    assert len(lake.tables["notifications"]) == 10
    assert _measured("dropped_rows_total") == dropped_before
