import sqlite3
from collections import Counter
from pathlib import Path

import pytest
from support.dying_disk import DyingDisk
from support.fake_decoder import group
from support.storage_folder import abandon, lake_files, numbers, opened

from goldeneye.errors import StartupError
from goldeneye.schemas import PromotedKeys


def filled(data_dir: Path) -> None:
    storage = opened(data_dir)
    storage.commit([group([1]), group([2], signal="logs")])
    storage.close(10)


def test_a_missing_file_is_named_and_the_rest_is_there(tmp_path: Path) -> None:
    filled(tmp_path)
    (link,) = lake_files(tmp_path, "logs")
    gone = tmp_path / "files" / link.name
    gone.unlink()
    link.unlink()
    for read_only in (True, False):
        storage = opened(tmp_path, read_only=read_only)
        assert storage.status()["last_start"]["missing_files"] == [str(gone)]
        assert numbers(storage) == Counter([1])
        assert not numbers(storage, "logs")
        storage.close(10)


def test_a_file_that_still_has_its_link_comes_back(tmp_path: Path) -> None:
    filled(tmp_path)
    (link,) = lake_files(tmp_path, "logs")
    (tmp_path / "files" / link.name).unlink()
    storage = opened(tmp_path)
    assert numbers(storage, "logs") == Counter([2])
    storage.close(10)


def test_links_are_repaired(tmp_path: Path) -> None:
    filled(tmp_path)
    before = lake_files(tmp_path)
    for link in before:
        link.unlink()
    opened(tmp_path).close(10)
    assert lake_files(tmp_path) == before


def test_series_whose_file_is_missing_are_written_again(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    storage.commit([group([1, 2], signal="metrics")])
    storage.close(10)
    (link,) = lake_files(tmp_path, "metric_series")
    (tmp_path / "files" / link.name).unlink()
    link.unlink()
    storage = opened(tmp_path)
    storage.commit([group([8], signal="metrics")])
    storage.flush()
    assert numbers(storage, "metric_series") == Counter([1])
    storage.close(10)


@pytest.mark.parametrize("folder", ["files", "lake/spans"])
def test_an_unknown_file_is_set_aside_and_named(tmp_path: Path, folder: str) -> None:
    filled(tmp_path)
    (tmp_path / "quarantine" / "mine.parquet").write_bytes(b"older")
    (tmp_path / folder / "mine.parquet").write_bytes(b"mine")
    storage = opened(tmp_path)
    assert storage.status()["last_start"]["set_aside"] == [str(tmp_path / folder / "mine.parquet")]
    assert storage.status()["quarantine"] == ["mine.parquet", "mine.parquet.2"]
    assert (tmp_path / "quarantine" / "mine.parquet.2").read_bytes() == b"mine"
    assert numbers(storage) == Counter([1])
    storage.close(10)


def test_only_what_is_listed_as_to_be_deleted_is_deleted(tmp_path: Path) -> None:
    filled(tmp_path)
    storage = opened(tmp_path)
    (entry,) = [e for e in storage.snapshot("default").files if e.table == "logs"]
    storage._catalog.list_as_removed([entry.id], 0)
    abandon(storage)
    (tmp_path / "staging" / "half.parquet").write_bytes(b"half")

    reader = opened(tmp_path, read_only=True)
    assert not numbers(reader, "logs")
    reader.close(10)
    assert Path(entry.path).exists()
    storage = opened(tmp_path)
    assert not Path(entry.path).exists()
    assert not lake_files(tmp_path, "logs")
    assert not list((tmp_path / "staging").iterdir())
    assert numbers(storage) == Counter([1])
    assert not storage.status()["quarantine"]
    assert not storage._catalog.files(removed=True)
    storage.close(10)


@pytest.mark.parametrize("damage", ["missing", "garbage", "cut"])
@pytest.mark.parametrize("read_only", [False, True])
def test_without_its_catalog_it_does_not_start(
    tmp_path: Path, damage: str, read_only: bool
) -> None:
    filled(tmp_path)
    catalog = tmp_path / "catalog.sqlite"
    content = catalog.read_bytes()
    catalog.unlink()
    if damage != "missing":
        catalog.write_bytes(b"nonsense" * 4096 if damage == "garbage" else content[:5000])
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(StartupError, match=r"verify --data-dir .* --rebuild-catalog"):
        opened(tmp_path, read_only=read_only)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_newer_catalog_is_refused(tmp_path: Path) -> None:
    filled(tmp_path)
    with sqlite3.connect(tmp_path / "catalog.sqlite") as connection:
        connection.execute("UPDATE format SET version = 1000")
    connection.close()
    with pytest.raises(StartupError, match="has version 1000; this Goldeneye reads"):
        opened(tmp_path)


def test_a_promoted_key_keeps_its_type(tmp_path: Path) -> None:
    opened(tmp_path).close(10)
    with pytest.raises(StartupError, match=r"attributes\.shop\.number was promoted as BIGINT"):
        opened(tmp_path, promoted=PromotedKeys({"shop.number": "string"}, {}))
    opened(tmp_path, promoted=PromotedKeys({"shop.color": "string"}, {})).close(10)


def test_names_that_differ_by_case_only_cannot_both_be_columns(tmp_path: Path) -> None:
    opened(tmp_path).close(10)
    changed = PromotedKeys({"Shop.Number": "int"}, {})
    with pytest.raises(StartupError, match=r"attributes\.shop\.number is a column already"):
        opened(tmp_path, promoted=changed)
    opened(tmp_path).close(10)


def test_a_crash_while_the_folder_is_made_is_no_damage(tmp_path: Path) -> None:
    disk = DyingDisk()
    opened(tmp_path / "whole", disk).close(10)
    for die_at in range(1, disk.operations + 1):
        with pytest.raises(BaseException):  # noqa: B017, PT011
            opened(tmp_path / str(die_at), DyingDisk(die_at, power_cut=True))
        opened(tmp_path / str(die_at)).close(10)
