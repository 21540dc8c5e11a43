"""A data folder that version 1 wrote, and a kill left, opens with all of its rows."""

import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from support.dying_disk import Died, DyingDisk
from support.failing_disk import FailingDisk
from support.fake_decoder import group
from support.storage_folder import abandon, numbers, opened

from goldeneye.errors import StartupError
from storage import catalog as catalogs
from storage import upgrade
from storage.catalog import Catalog
from storage.folders import Folders
from storage.rebuild import rebuild_catalog
from storage.verify import verify

FIXTURE = Path(__file__).parents[1] / "fixtures" / "storage" / "v1"
# 1 and 2 are merged, 6 is only in the catalog's own log, 7 and 8 only in ours.
SPANS = Counter([1, 2, 6, 7])
POINTS = Counter([4, 5, 8])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FIXTURE, tmp_path / "data"))


def tables(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """The columns of each table."""
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT name, type FROM sqlite_master ORDER BY name").fetchall()
        return {
            f"{kind} {name}": connection.execute(f"PRAGMA table_info('{name}')").fetchall()
            for name, kind in names
        }


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def check(folder: Path) -> None:
    storage = opened(folder)
    assert numbers(storage) == SPANS
    assert numbers(storage, "logs") == Counter([3])
    assert numbers(storage, "metric_points") == POINTS
    abandon(storage)


def test_all_rows_are_there_and_the_old_catalog_is_kept(folder: Path) -> None:
    check(folder)
    check(folder)
    kept = folder / "catalog.sqlite.v1"
    assert rows(kept, "SELECT version FROM format") == [(1,)]
    # Of the last flush, which the main file of the old catalog does not have.
    assert ("000000000004-0000",) in rows(kept, "SELECT id FROM files")
    assert rows(folder / "catalog.sqlite", "SELECT version FROM format") == [(2,)]
    storage = opened(folder)
    storage.commit([group([9]), group([9], signal="metrics")])
    storage.close(10)
    assert verify(folder).ok


def test_it_is_as_a_new_catalog_is(folder: Path, tmp_path: Path) -> None:
    opened(folder).close(10)
    catalogs.create(tmp_path / "new.sqlite")
    assert tables(folder / "catalog.sqlite") == tables(tmp_path / "new.sqlite")
    with Catalog(folder / "catalog.sqlite", folder / "files") as catalog:
        files = {file.entry.id: file for file in catalog.files()}
    merged = files["m01767232800000000000-0000"]
    assert (merged.last_segment, merged.crc32) == (2, None)
    assert files["000000000004-0000"].last_segment == 4
    assert list(files)[:2] == ["000000000003-0000", "000000000003-0001"]


def test_a_merged_file_that_is_gone_is_taken_for_new(folder: Path) -> None:
    (folder / "files" / "m01767232800000000000-0000.parquet").unlink()
    upgrade.upgrade(folder / "catalog.sqlite", folder / "files")
    found = rows(folder / "catalog.sqlite", "SELECT id, last_segment FROM files WHERE id > 'm'")
    assert found == [("m01767232800000000000-0000", 4)]


def test_reading_changes_nothing(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    storage = opened(folder, read_only=True)
    assert numbers(storage) == SPANS
    storage.close(10)
    verify(folder)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("power_cut", [False, True], ids=["kill", "power cut"])
def test_death_at_every_operation_of_an_upgrade(
    folder: Path, tmp_path: Path, power_cut: bool
) -> None:
    die_at, done = 0, False
    while not done:
        die_at += 1
        left = Path(shutil.copytree(folder, tmp_path / str(die_at)))
        disk = DyingDisk(die_at, power_cut)
        folders = Folders(left)
        try:
            folders.make(disk)
            upgrade.upgrade_in_place(disk, folders)
            done = True
        except Died:
            assert rows(left / "catalog.sqlite", "SELECT version FROM format") == [(1,)]
        check(left)
        assert rows(left / "catalog.sqlite.v1", "SELECT version FROM format") == [(1,)]
    assert die_at > 5


def test_death_in_the_transaction_leaves_version_1(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(connection: sqlite3.Connection, _: Path) -> None:
        assert ("last_segment",) in connection.execute(
            "SELECT name FROM pragma_table_info('files')"
        ).fetchall()
        raise Died

    before = tables(folder / "catalog.sqlite")
    with monkeypatch.context() as patched:
        patched.setattr(upgrade, "_FILLED", {1: die})
        with pytest.raises(Died):
            upgrade.upgrade(folder / "catalog.sqlite", folder / "files")
    assert tables(folder / "catalog.sqlite") == before
    check(folder)


def test_a_copy_that_cannot_be_kept_refuses_the_start(folder: Path) -> None:
    disk = FailingDisk()
    disk.failing = {"rename"}
    with pytest.raises(StartupError, match="could not be upgraded from version 1"):
        opened(folder, disk)
    assert rows(folder / "catalog.sqlite", "SELECT version FROM format") == [(1,)]
    check(folder)


@pytest.mark.parametrize("version", [0, 3])
def test_a_version_that_is_not_known_is_refused_and_left_alone(folder: Path, version: int) -> None:
    with closing(sqlite3.connect(folder / "catalog.sqlite")) as connection:
        connection.execute("UPDATE format SET version = ?", [version])
        connection.commit()
    for read_only in (False, True):
        with pytest.raises(StartupError, match=f"has version {version}"):
            opened(folder, read_only=read_only)
    assert rows(folder / "catalog.sqlite", "SELECT version FROM format") == [(version,)]
    assert not list(folder.glob("*.v*"))


def test_files_of_version_1_make_a_catalog(folder: Path) -> None:
    for path in folder.glob("catalog.sqlite*"):
        path.unlink()
    rebuild_catalog(folder)
    check(folder)
