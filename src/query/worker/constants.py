"""Columns that say the same in all rows of a file, as its footer tells: they need not be read.

Each column costs a statement 0.2 ms, whatever is in it, and of a service's spans one in three has
one value only: the scope, counts of what was dropped, the SDK, what is never sent.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from query.analysis.quoting import literal

# Column -> its value as SQL.
Constants = Mapping[str, str]

# Writers may cut longer statistics off.
_MAX_CHARS: Final = 40
_MAX_FILES: Final = 1_024
_LISTS: Final = ("events", "links")


class KnownConstants:
    """Of the files that were looked at: a look takes some 30 ms, so not while anybody waits."""

    def __init__(self) -> None:
        self._known: dict[str, Constants] = {}
        self._unknown: dict[str, None] = {}

    def common(self, paths: Sequence[str]) -> Constants:
        """Those of all these files; none as long as one of them was not looked at."""
        unknown = [path for path in paths if path not in self._known]
        if unknown or not paths:
            self._unknown |= dict.fromkeys(unknown)
            return {}
        first, *others = (self._known[path].items() for path in paths)
        return dict(set(first).intersection(*others))

    def look(self) -> None:
        """Into the files that were asked for."""
        for path in self._unknown:
            if len(self._known) >= _MAX_FILES:
                self._known.clear()
            try:
                self._known[path] = dict(constants(path))
            except (OSError, ValueError, MemoryError, pa.ArrowException):
                # What is wrong with it is said by the query that needs it.
                self._known[path] = {}
        self._unknown = {}


def constants(path: str) -> Iterator[tuple[str, str]]:
    """The columns with one value, or none at all, of a Parquet file of ours."""
    footer = pq.read_metadata(path)
    groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
    empty: dict[str, bool] = {}
    for number in range(footer.num_columns):
        name, _, member = footer.schema.column(number).path.partition(".list.element")
        value = _value([group.column(number) for group in groups])
        if not member and value is not None:
            yield name, value
        elif member:
            empty[name] = empty.get(name, True) and value == "NULL"
    # Without a value in any member a list is empty.
    yield from ((name, "[]") for name in _LISTS if empty.get(name))


def _value(chunks: Sequence[Any]) -> str | None:
    """The value in all of a column's chunks as SQL; None where it is not one, or not told."""
    found: set[str | None] = set()
    for chunk in chunks:
        found.add(_only(chunk.num_values, chunk.statistics))
        if len(found) > 1 or None in found:
            return None
    return found.pop() if found else None


def _only(count: int, statistics: Any) -> str | None:
    if statistics is None or not statistics.has_null_count:
        return None
    if statistics.null_count == count:
        return "NULL"
    if statistics.null_count or not statistics.has_min_max:
        return None
    return _sql(statistics.min) if statistics.min_raw == statistics.max_raw else None


def _sql(value: object) -> str | None:
    """Of types whose statistics are exact: text, whole numbers and booleans."""
    if isinstance(value, str):
        return literal(value) if len(value) < _MAX_CHARS else None
    if isinstance(value, bool | int):
        return str(value)
    return None
