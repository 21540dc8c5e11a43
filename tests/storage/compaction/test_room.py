"""What a merge is told of the columns there are; and that what it made is remembered."""

from pathlib import Path

import pytest
from support.attributed import PROMOTED, START_NS, compact, opened, send

from goldeneye.clock import DAY_NS, ManualClock
from goldeneye.schemas import PromotedKeys
from goldeneye.snapshot import FileEntry
from storage.catalog import CatalogFile
from storage.compaction import promotion
from storage.compaction.plan import Job
from storage.compaction.room import Room, room_for
from storage.engine import Storage
from storage.partitions import Partition
from storage.rebuild import rebuild_catalog

needs_the_native_core = pytest.mark.skipif(
    not promotion.IS_POSSIBLE, reason="the native core is not installed"
)


def entries(storage: Storage) -> list[FileEntry]:
    with storage.snapshot("default") as snapshot:
        return sorted(entry for entry in snapshot.files if entry.table == "spans")


def catalog_file(entry: FileEntry, day: int, **changes: object) -> CatalogFile:
    changed = entry._replace(**changes)  # type: ignore[arg-type]
    return CatalogFile(changed, Partition(day, 24), 1, None)


@needs_the_native_core
def test_columns_are_told_apart_by_day_table_tenant_and_configuration(tmp_path: Path) -> None:
    clock = ManualClock(START_NS)
    storage = opened(tmp_path, clock)
    for _ in range(2):
        send(storage, [{"a": "x"}], {})
    compact(storage, clock)
    [entry] = entries(storage)
    storage.close(10)
    others = (("attributes.b", "VARCHAR"), ("attributes.shop.number", "BIGINT"))
    first = catalog_file(entry, 1)
    files = [
        first,
        catalog_file(entry, 2, columns=others),
        catalog_file(entry, 1, tenant="other", columns=(("attributes.c", "VARCHAR"),)),
        catalog_file(entry, 1, table="logs", columns=(("attributes.d", "VARCHAR"),)),
    ]
    types = {"attributes.z": "BIGINT"}
    job = Job(Partition(1, 24), (first,))
    room = room_for(job, files, types, PROMOTED)
    assert room == Room(
        types,
        frozenset({"attributes.shop.number"}),
        frozenset({"attributes.a"}),
        frozenset({"attributes.a", "attributes.b"}),
    )
    assert Room.of(room.as_json()) == room
    later = room_for(job, files, types, PromotedKeys({"a": "string"}, {}))
    assert later.configured == frozenset(), "these are not what the rows were written with"
    assert later.of_day == {"attributes.shop.number"}


@needs_the_native_core
def test_a_type_is_fixed_when_its_column_first_appears(tmp_path: Path) -> None:
    clock = ManualClock(START_NS)
    storage = opened(tmp_path, clock)
    for _ in range(2):
        send(storage, [{"a": "x", "b": 1}], {})
    compact(storage, clock)
    for _ in range(2):
        send(storage, [{"a": 1, "b": 2}], {}, 3 * DAY_NS)
    clock.advance(3 * DAY_NS / 1e9)
    compact(storage, clock)
    storage.close(10)
    check(tmp_path, clock)
    (tmp_path / "catalog.sqlite").unlink()
    assert rebuild_catalog(tmp_path).ok
    check(tmp_path, clock)


def check(data_dir: Path, clock: ManualClock) -> None:
    storage = opened(data_dir, clock)
    assert storage._catalog.promoted() == {
        "attributes.a": "VARCHAR",
        "attributes.b": "BIGINT",
        "attributes.shop.number": "BIGINT",
    }
    found = entries(storage)
    further = [
        {name for name, _ in entry.columns if name in "attributes.a attributes.b"}
        for entry in found
    ]
    assert further == [{"attributes.a", "attributes.b"}, {"attributes.b"}]
    assert [entry.strays for entry in found] == [frozenset(), frozenset()]
    assert len({entry.promotion for entry in found}) == 1
    storage.close(10)
