"""Regular expressions of RE2 that clients write."""

from functools import lru_cache

import duckdb


@lru_cache(maxsize=256)
def fault(pattern: str) -> str | None:
    """What DuckDB says of a broken one: the query would say it too late, and not where."""
    with duckdb.connect(config={"threads": "1"}) as database:
        try:
            database.execute("SELECT regexp_matches('', $1)", [pattern])
        except (duckdb.Error, UnicodeEncodeError) as error:
            return str(error).removeprefix("Invalid Input Error: ")
    return None
