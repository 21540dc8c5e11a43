"""Among a month's ten thousand files, a question opens those of its own time."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.snapshots import DAY_NS, PROMOTED, SECOND_NS, START_NS, FakeSource, table
from support.sql import answer
from support.storage_folder import opened

from goldeneye.clock import ManualClock
from goldeneye.limits import MIB
from goldeneye.snapshot import FileEntry
from query.service import QueryService
from query.settings import QuerySettings

FILES = 10_000
NOW_NS = START_NS + 30 * DAY_NS
QUARTER_NS = 15 * 60 * SECOND_NS
ROUTE = "attributes.http.route"
MORE = replace(PROMOTED, attributes={**PROMOTED.attributes, "shop.cart": "string"})


def older_files() -> list[FileEntry]:
    """The month's files before the last quarter of an hour: none of them exists."""
    step_ns = (NOW_NS - QUARTER_NS - START_NS) // FILES
    some = FileEntry("", "spans", "default", "", 1, 1, 0, 0, (), frozenset(), "p", 0)
    return [
        some._replace(
            id=f"absent-{number}",
            path=f"/absent-{number}",
            min_time_ns=START_NS + number * step_ns,
            max_time_ns=START_NS + (number + 1) * step_ns - 1,
        )
        for number in range(FILES)
    ]


def newest_files(data_dir: Path) -> list[FileEntry]:
    """The last quarter's, written by three configurations: without, with and with more columns."""
    written = FakeSource(data_dir)
    times = [{"start_time": NOW_NS - minute * 60 * SECOND_NS} for minute in (10, 5, 1)]
    in_json = '{"http.route":"/a","shop.cart":"1"}'
    written.add_file("spans", [{**times[0], "attributes_other": in_json}], without=[ROUTE])
    in_json = '{"shop.cart":"2"}'
    written.add_file("spans", [{**times[1], ROUTE: "/b", "attributes_other": in_json}])
    rows = [{**times[2], ROUTE: "/c", "attributes.shop.cart": "3"}]
    written.add_file("spans", table("spans", rows, MORE))
    return written.files


@pytest.fixture
def service(tmp_path: Path) -> Iterator[QueryService]:
    """Over a storage whose state names all these files."""
    storage = opened(tmp_path)
    entries = older_files() + newest_files(tmp_path)
    storage._book.state = storage._book.state.with_files(entries)
    settings = QuerySettings(tmp_path, 256 * MIB, 1, 20.0, 1_000, 1)
    service = QueryService(settings, PROMOTED, storage, ManualClock(NOW_NS))
    yield service
    service.close()
    storage.close(10)


@pytest.mark.parametrize("by", ["range", "condition"])
def test_a_quarter_hour_opens_its_own_files_whatever_their_columns(
    service: QueryService, by: str
) -> None:
    where = "WHERE start_time >= now() - INTERVAL 15 MINUTE" if by == "condition" else ""
    bounds = {"start_ns": NOW_NS - QUARTER_NS, "end_ns": NOW_NS} if by == "range" else {}
    found = answer(
        service,
        "SELECT attributes->>'http.route', attributes->>'shop.cart' FROM spans "
        f"{where} ORDER BY start_time",
        **bounds,
    )
    assert found["rows"] == [["/a", "1"], ["/b", "2"], ["/c", "3"]]
    assert found["files_read"] == 3
    assert not found.get("missing_files")


def test_the_whole_month_would_have_opened_all(service: QueryService) -> None:
    found = answer(service, "SELECT count(*) FROM spans")
    assert len(found["missing_files"]) > 0
