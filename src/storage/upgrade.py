"""An older catalog becomes one of today's version: all steps in one transaction."""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

import structlog

from goldeneye.errors import StartupError
from goldeneye.sql_files import sql
from storage import parquet
from storage.catalog import FILE_NAME, VERSION, file_path
from storage.file_metadata import FileMetadata
from storage.file_system import FileSystem
from storage.folders import Folders

log = structlog.get_logger(__name__)
_OLDEST: Final = 1


def upgrade_in_place(fs: FileSystem, folders: Folders) -> None:
    """Upgrade the folder's catalog, after a copy of it as it was was kept beside it.

    What is no older catalog is left alone. Raises StartupError with the catalog as it was.
    """
    version = _version(folders.catalog)
    if version is None or not _OLDEST <= version < VERSION:
        return
    try:
        kept = _keep(fs, folders, version)
    except (OSError, sqlite3.Error) as error:
        raise _failed(folders.data_dir, version, error) from error
    upgrade(folders.catalog, folders.files)
    log.info("the catalog was upgraded", version=VERSION, former=version, kept=str(kept))


def upgrade(path: Path, files_folder: Path) -> None:
    """Upgrade a catalog; one of today's version, or what is none, is left alone.

    Raises StartupError with the catalog as it was.
    """
    version = _version(path)
    if version is None or not _OLDEST <= version < VERSION:
        return
    try:
        _carry_out(path, files_folder, version)
    except sqlite3.Error as error:
        raise _failed(files_folder.parent, version, error) from error


def _carry_out(path: Path, files_folder: Path, version: int) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        try:
            for number in range(version, VERSION):
                _run(connection, f"upgrade_{number}_to_{number + 1}")
                if number in _FILLED:
                    _FILLED[number](connection, files_folder)
            connection.execute(_sql("update_version"), [VERSION])
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _failed(data_dir: Path, version: int, error: Exception) -> StartupError:
    return StartupError(
        f"{data_dir / FILE_NAME}: could not be upgraded from version {version} to {VERSION} and is "
        f"as it was: {error}. Make room or free the file, and start again; where it is damaged: "
        f"goldeneye verify --data-dir {data_dir} --rebuild-catalog"
    )


def _version(path: Path) -> int | None:
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)) as connection:
            (found,) = connection.execute(_sql("select_version")).fetchone()
    except (sqlite3.Error, TypeError):
        return None
    return found if isinstance(found, int) else None


def _keep(fs: FileSystem, folders: Folders, version: int) -> Path:
    """The copy is whole or not there; one that an earlier attempt left is replaced."""
    name = f"{FILE_NAME}.v{version}"
    staged, kept = folders.staging / name, folders.data_dir / name
    if staged.exists():
        fs.unlink(staged)
    with (
        closing(sqlite3.connect(folders.catalog)) as catalog,
        closing(sqlite3.connect(staged)) as copy,
    ):
        catalog.backup(copy)
    fs.sync_file(staged)
    fs.rename(staged, kept)
    fs.sync_folder(folders.data_dir)
    return kept


def _run(connection: sqlite3.Connection, name: str) -> None:
    """The statements of a script, one by one: `executescript` would commit."""
    statement = ""
    for line in _sql(name).splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


def _fill_last_segments(connection: sqlite3.Connection, files_folder: Path) -> None:
    """Of merged files, from themselves; one that cannot be read keeps what the script gave it."""
    for (id_,) in connection.execute(_sql("select_merged_files")).fetchall():
        try:
            said, _ = parquet.read_metadata(file_path(files_folder, id_))
            last = max(FileMetadata.of(said).segments)
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("a file does not say which segments it has", file=id_, error=str(error))
            continue
        connection.execute(_sql("update_last_segment"), [last, id_])


# What a step's script cannot do in SQL.
_FILLED: Final[Mapping[int, Callable[[sqlite3.Connection, Path], None]]] = {1: _fill_last_segments}


def _sql(name: str) -> str:
    return sql("storage", name)
