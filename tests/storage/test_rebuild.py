"""A catalog made anew from the files says what the lost one said."""

from pathlib import Path

from support.fake_decoder import group
from support.storage_folder import numbers, opened

from goldeneye.clock import DAY_NS
from goldeneye.snapshot import FileEntry
from storage.rebuild import rebuild_catalog


def entries(data_dir: Path) -> list[FileEntry]:
    storage = opened(data_dir, read_only=True)
    with storage.snapshot("default") as snapshot:
        found = sorted(snapshot.files)
    storage.close(10)
    return found


def test_every_file_is_what_it_was(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    for day in range(2):
        first = day * DAY_NS
        storage.commit([group([first, first + 1]), group([first], signal="metrics")])
        assert storage.flush()
    kept = numbers(storage)
    storage.close(10)
    before = entries(tmp_path)
    assert len({entry.table for entry in before}) == 4

    (tmp_path / "catalog.sqlite").unlink()
    report = rebuild_catalog(tmp_path)

    assert report.ok, report
    assert entries(tmp_path) == before
    storage = opened(tmp_path)
    assert numbers(storage) == kept
    storage.close(10)
