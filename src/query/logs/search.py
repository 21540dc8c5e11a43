"""Searching log records: the nearest times first, then the records of these times."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, NamedTuple

import pyarrow as pa

from goldeneye.cursor import decode_cursor, encode_cursor
from goldeneye.errors import InvalidRequest
from goldeneye.sql_files import sql
from query.asking.filter_sql import Condition
from query.asking.reader import Reader
from query.asking.row_windows import rows_between, windows
from query.asking.statements import filled
from query.asking.window import OpenWindow
from query.logs.entries import entries
from query.logs.letters import parts_to_read
from query.logs.parser import parse
from query.logs.selection import Selection
from query.logs.severity import word
from query.part_of_snapshot import FilesChanged, Part

Order = Literal["newest", "oldest"]
# What lies between a page's records is not read where their times are named, which costs a
# millisecond of planning each.
_MAX_TIMES: Final = 1_000
_MANY_ROWS: Final = 250_000


class Position(NamedTuple):
    """The last record of a page; `seen` is how many of its pages' records equal it wholly.

    None of it depends on where the record is stored, so that files may come and go between pages.
    """

    time_ns: int
    received_ns: int
    tie: str
    seen: int


class Reach(NamedTuple):
    """Where a page's records are; `times_ns` are all their times, None where they are many."""

    within: OpenWindow
    times_ns: Sequence[int] | None


@dataclass(frozen=True)
class LogSearch:
    """`written` are the parameters that a cursor belongs to."""

    selection: Selection
    within: OpenWindow
    order: Order
    limit: int
    cursor: str | None
    written: Mapping[str, Any]


def search(reader: Reader, asked: LogSearch) -> dict[str, Any]:
    """The records, and the cursor of the next page where there is one."""
    condition = asked.selection.condition()
    after = _position(asked)
    reach = _reach(reader, asked, condition, after)
    if reach is None:
        return {"logs": []}
    statement, params = _statement(asked, condition, after, reach.times_ns)
    found = reader.table(statement, params, *reach.within)
    answer: dict[str, Any] = {"logs": entries(found.slice(0, asked.limit).drop_columns(["tie"]))}
    if found.num_rows > asked.limit:
        last = _last(found.slice(0, asked.limit), after)
        answer["next_cursor"] = encode_cursor(list(last), _list(asked))
    return answer


def _list(asked: LogSearch) -> dict[str, Any]:
    return {**asdict(asked.selection), "order": asked.order, **asked.written}


def _position(asked: LogSearch) -> Position | None:
    if asked.cursor is None:
        return None
    position = decode_cursor(asked.cursor, _list(asked))
    kinds = [int, int, str, int]
    if [type(part) for part in position] != kinds:
        raise InvalidRequest("cursor: is none that was given out here")
    return Position(*position)


def _reach(
    reader: Reader, asked: LogSearch, condition: Condition, after: Position | None
) -> Reach | None:
    """The times of a page and a record more; None where there is no record at all.

    Only times and what is searched are read for it, mostly of the nearest files only.
    """
    newest = asked.order == "newest"
    statement = filled(
        sql("query.logs", "nearest"),
        {"condition": condition.sql, "direction": "DESC" if newest else "ASC"},
    )
    beyond = _beyond(asked, after)
    # What is of the last page's time is read in any case.
    times_ns = [] if after is None else [after.time_ns]
    wanted = len(times_ns) + asked.limit + 1
    expression = parse(asked.selection.query)
    for number, one in enumerate(windows(reader.rows_of_times("logs", *beyond), beyond, newest)):
        params = {**condition.params, "limit": wanted - len(times_ns)}
        parts = parts_to_read(reader, expression, one, is_long=number > 0)
        found = _times_ns(reader, statement, params, one, parts)
        times_ns += sorted(found, reverse=newest)[: params["limit"]]
        if len(times_ns) == wanted:
            break
    if not times_ns:
        return None
    first, end = min(times_ns), max(times_ns) + 1
    distinct = list(dict.fromkeys(times_ns))
    rows = rows_between(reader.rows_of_times("logs", first, end), first, end)
    are_named = rows > _MANY_ROWS and len(distinct) <= _MAX_TIMES
    return Reach(OpenWindow(first, end), distinct if are_named else None)


def _times_ns(
    reader: Reader,
    statement: str,
    params: Mapping[str, Any],
    within: OpenWindow,
    parts: Sequence[tuple[Part, OpenWindow]],
) -> list[int]:
    """Of the nearest records of each part; of all where the parts are gone meanwhile."""
    try:
        found = [reader.table(statement, params, *times, part=part) for part, times in parts]
    except FilesChanged:
        found = [reader.table(statement, params, *within)]
    return [at for one in found for at in one.column("time").cast(pa.int64()).to_pylist()]


def _beyond(asked: LogSearch, after: Position | None) -> OpenWindow:
    """The times that are left."""
    if after is None:
        return asked.within
    if asked.order == "newest":
        return asked.within._replace(end_ns=after.time_ns)
    return asked.within._replace(start_ns=after.time_ns + 1)


def _statement(
    asked: LogSearch,
    condition: Condition,
    after: Position | None,
    times_ns: Sequence[int] | None,
) -> tuple[str, dict[str, Any]]:
    newest = asked.order == "newest"
    params = {**condition.params, "limit": asked.limit + 1, "offset": after.seen if after else 0}
    # As text, which DuckDB takes for times: with a call for each the tree is thrice as large.
    texts = pa.array(times_ns or (), pa.timestamp("ns")).cast(pa.string()).to_pylist()
    times = {f"time_{number}": text for number, text in enumerate(texts)}
    params |= times
    instants = ", ".join(f"${name}" for name in times)
    beyond = "TRUE"
    if after is not None:
        beyond = filled(sql("query.logs", "after"), {"beyond": "<" if newest else ">"})
        params |= {
            "after_time": after.time_ns,
            "after_received": after.received_ns,
            "after_tie": after.tie,
        }
    parts = {
        "condition": f"{condition.sql} AND time IN ({instants})" if times else condition.sql,
        "word": word(),
        "tie": sql("query.logs", "tie"),
        "after": beyond,
        "direction": "DESC" if newest else "ASC",
    }
    return filled(sql("query.logs", "entries"), parts), params


def _last(page: pa.Table, after: Position | None) -> Position:
    """The position of the page's last record."""
    times, received = (
        page.column(name).cast(pa.int64()).to_pylist() for name in ("time", "received_time")
    )
    keys = list(zip(times, received, page.column("tie").to_pylist(), strict=True))
    time_ns, received_ns, tie = keys[-1]
    seen = keys.count(keys[-1])
    if after is not None and keys[-1] == after[:3]:
        seen += after.seen
    return Position(time_ns, received_ns, tie, seen)
