"""Each kind of damage to a real folder is named, and nothing is said of a folder that is whole."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.fake_decoder import START_NS, group
from support.storage_folder import abandon, lake_files, opened

from goldeneye.clock import ManualClock
from goldeneye.errors import StartupError
from storage.report import Report
from storage.verify import verify

HOUR_S = 3_600


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of all tables; those of spans are merged."""
    clock = ManualClock(START_NS)
    data_dir = tmp_path_factory.mktemp("whole") / "data"
    storage = opened(data_dir, clock=clock)
    storage.commit([group([1]), group([2], signal="logs"), group([3], signal="metrics")])
    storage.flush()
    storage.commit([group([4])])
    storage.flush()
    clock.advance(2 * HOUR_S)
    assert storage._maintenance is not None
    storage._maintenance.tick()
    storage.close(10)
    opened(data_dir).close(10)  # deletes what was merged
    return data_dir


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy that may be damaged."""
    data_dir = Path(shutil.copytree(whole, tmp_path / "data"))
    for link in lake_files(data_dir):
        link.unlink()
        link.hardlink_to(data_dir / "files" / link.name)
    return data_dir


def victim(folder: Path, table: str = "logs") -> Path:
    (link,) = lake_files(folder, table)
    return folder / "files" / link.name


def problem(folder: Path) -> str:
    report = verify(folder)
    assert not report.ok
    (found,) = report.problems
    assert str(report).splitlines()[-1] == "1 problems."
    return found


def note(folder: Path) -> str:
    report = verify(folder)
    assert report.ok
    (found,) = report.notes
    return found


def catalog(folder: Path, sql: str) -> None:
    with closing(sqlite3.connect(folder / "catalog.sqlite")) as connection:
        connection.execute(sql)
        connection.commit()


def test_a_folder_that_is_whole(folder: Path) -> None:
    report = verify(folder)
    assert (report.problems, report.notes) == ([], [])
    assert str(report).splitlines()[-1] == "Everything is in order."
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    verify(folder)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_a_folder_that_a_kill_left(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    storage.commit([group([1])])
    storage.flush()
    storage.commit([group([2])])
    abandon(storage)
    assert "1 requests" in note(tmp_path)


def test_a_folder_that_is_held_or_is_none(tmp_path: Path) -> None:
    storage = opened(tmp_path / "data")
    with pytest.raises(StartupError, match="held"):
        verify(tmp_path / "data")
    storage.close(10)
    assert "no such folder" in problem(tmp_path / "nowhere")
    (tmp_path / "other").mkdir()
    assert "is no data folder" in problem(tmp_path / "other")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


def foreign(path: Path) -> None:
    pq.write_table(pa.table({"mine": [1]}), path)


def flipped(path: Path) -> None:
    """One bit in the first page."""
    found = bytearray(path.read_bytes())
    found[100] ^= 1
    path.write_bytes(found)


@pytest.mark.parametrize("damage", [cut, longer, foreign, flipped])
def test_a_damaged_file_is_named(folder: Path, damage: Callable[[Path], None]) -> None:
    bad = victim(folder)
    damage(bad)
    report = verify(folder)
    assert report.problems
    assert all(text.startswith(f"{bad}: ") for text in report.problems)


def test_a_checksum_is_compared_where_it_is_known(folder: Path) -> None:
    bad = victim(folder)
    catalog(folder, f"UPDATE files SET crc32 = crc32 + 1 WHERE id = '{bad.stem}'")
    assert "checksum" in problem(folder)
    catalog(folder, f"UPDATE files SET crc32 = NULL WHERE id = '{bad.stem}'")
    assert verify(folder).ok


def test_a_file_that_is_gone(folder: Path) -> None:
    bad = victim(folder)
    bad.unlink()
    (link,) = lake_files(folder, "logs")
    assert problem(folder) == f"{bad}: is missing, with 1 rows; it is still there as {link}"
    link.unlink()
    assert problem(folder) == f"{bad}: is missing, with 1 rows"


def test_a_file_under_anothers_name(folder: Path) -> None:
    """Whole, and with a catalog that knows no checksums: it says itself whose it is."""
    catalog(folder, "UPDATE files SET crc32 = NULL")
    bad, other = victim(folder), victim(folder, "metric_points")
    bad.write_bytes(other.read_bytes())
    found = verify(folder).problems
    assert f"{bad}: says id {other.stem}, and the catalog says {bad.stem}" in found
    assert f"{bad}: says table metric_points, and the catalog says logs" in found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("row_count = 7", "has 1 rows, and the catalog says 7"),
        ("min_time_ns = min_time_ns + 1", "has rows from"),
        ("max_time_ns = max_time_ns - 1", "has rows from"),
        ("tenant = 'other'", "says tenant default, and the catalog says other"),
        ("hour = 5", "says that it is of"),
        ("max_received_ns = 5", "says max_received_ns"),
        ("strays = '[\"x\"]'", "says strays"),
        ("promotion = 'x'", "says promotion"),
        (
            "column_set = (SELECT id FROM column_sets WHERE id <> column_set LIMIT 1)",
            "has not the columns that the catalog says: ",
        ),
    ],
)
def test_a_catalog_that_says_something_else(folder: Path, change: str, words: str) -> None:
    bad = victim(folder)
    catalog(folder, f"UPDATE files SET {change} WHERE id = '{bad.stem}'")
    report = verify(folder)
    assert any(words in text and str(bad) in text for text in report.problems)


def test_a_link_that_is_missing_is_a_problem_until_a_start(folder: Path) -> None:
    (link,) = lake_files(folder, "logs")
    link.unlink()
    assert problem(folder) == f"{link}: the link is missing; a start makes it anew"
    opened(folder).close(10)
    assert verify(folder).ok


def test_a_link_that_is_another_file(folder: Path) -> None:
    (link,) = lake_files(folder, "logs")
    data = link.read_bytes()
    link.unlink()
    link.write_bytes(data[:-1])
    assert f"{link}: is another file than {victim(folder)}" in problem(folder)
    link.unlink()
    opened(folder).close(10)
    assert verify(folder).ok


def test_a_link_that_is_a_copy(folder: Path) -> None:
    """As `cp -r` leaves them."""
    (link,) = lake_files(folder, "logs")
    data = link.read_bytes()
    link.unlink()
    link.write_bytes(data)
    assert note(folder) == f"{link}: is a copy and no link, and takes its space once more"


def test_a_name_in_the_lake_that_the_catalog_does_not_have(folder: Path) -> None:
    (link,) = lake_files(folder, "logs")
    mine = link.with_name("mine.parquet")
    shutil.copy(link, mine)
    assert problem(folder) == f"{mine}: the catalog does not name it; a start sets it aside"


def test_a_name_in_the_lake_of_a_file_that_counts_no_longer(folder: Path) -> None:
    gone = victim(folder)
    catalog(folder, f"UPDATE files SET removed_ns = 1 WHERE id = '{gone.stem}'")
    (link,) = lake_files(folder, "logs")
    assert problem(folder) == f"{link}: its rows count no longer; a start deletes it"
    opened(folder).close(10)
    assert verify(folder).ok


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("files/mine.parquet", "does not name it; a start sets it aside"),
        ("files/mine.traces", "does not name it; a start deletes it"),
        ("staging/half.parquet", "was being written; a start deletes it"),
        ("quarantine/old.wal", "was set aside"),
    ],
)
def test_what_no_reader_sees_is_a_note(folder: Path, name: str, words: str) -> None:
    (folder / name).write_bytes(b"x")
    assert note(folder) == f"{folder / name}: " + words.replace(
        "does not name", "the catalog does not name"
    )


def test_a_catalog_that_cannot_be_read(folder: Path) -> None:
    (folder / "catalog.sqlite").write_bytes(b"no database " * 1_000)
    assert "--rebuild-catalog" in problem(folder)


def test_damage_in_the_log(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    for number in range(3):
        storage.commit([group([number])])
    abandon(storage)
    (path,) = (tmp_path / "wal").iterdir()
    data = bytearray(path.read_bytes())
    data[90] ^= 1
    path.write_bytes(data)
    assert problem(tmp_path).startswith(f"{path} at byte 64: ")


def test_what_is_wrong_is_all_said(folder: Path) -> None:
    cut(victim(folder))
    (link,) = lake_files(folder, "spans")
    link.unlink()
    report = verify(folder)
    assert len(report.problems) >= 2
    assert isinstance(report, Report)
    assert str(report).count("problem: ") == len(report.problems)
