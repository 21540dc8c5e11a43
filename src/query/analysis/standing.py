"""SQL that is kept to be asked later: may it run, as far as its text tells?"""

import duckdb

from goldeneye.errors import QueryRefused
from query.analysis.check import check
from query.tables import READS

_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "threads": 1,
}


def check_standing(sql: str) -> None:
    """Raises QueryRefused, QueryFailed."""
    with duckdb.connect(":memory:", config=_SETTINGS) as connection:
        try:
            check(connection, sql, READS.keys())
        except ValueError as error:
            # DuckDB's Python API has no name for some kinds of statements.
            raise QueryRefused(f"only statements that read may run here: {error}") from error
