"""Searching log records: the nearest times first, then the records of these times."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

import pyarrow as pa

from goldeneye.errors import InvalidRequest
from goldeneye.sql_files import sql
from query.asking.cursor import decode_cursor, encode_cursor
from query.asking.filter_sql import Condition
from query.asking.reader import Reader
from query.asking.statements import filled
from query.asking.window import OpenWindow
from query.logs.entries import entries
from query.logs.selection import Selection
from query.logs.severity import word
from query.logs.windows import windows

Order = Literal["newest", "oldest"]


class Position(NamedTuple):
    """The last record of a page; `seen` is how many of its pages' records equal it wholly.

    None of it depends on where the record is stored, so that files may come and go between pages.
    """

    time_ns: int
    received_ns: int
    tie: str
    seen: int


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
    within = _from(asked, after)
    reach = _reach(reader, asked, condition, within, after)
    if reach is None:
        return {"logs": []}
    found = reader.table(*_statement(asked, condition, after), reach.start_ns, reach.end_ns)
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


def _from(asked: LogSearch, after: Position | None) -> OpenWindow:
    """The times that are left, that of the last page's end included."""
    if after is None:
        return asked.within
    if asked.order == "newest":
        return asked.within._replace(end_ns=after.time_ns + 1)
    return asked.within._replace(start_ns=after.time_ns)


def _reach(
    reader: Reader,
    asked: LogSearch,
    condition: Condition,
    within: OpenWindow,
    after: Position | None,
) -> OpenWindow | None:
    """The times that hold a page and a record more; None where there is no record at all.

    Only times and what is searched are read for it, mostly of the nearest files only.
    """
    newest = asked.order == "newest"
    statement = filled(
        sql("query.logs", "nearest"),
        {"condition": condition.sql, "direction": "DESC" if newest else "ASC"},
    )
    beyond = within
    if after is not None:
        # Those of its own time are read anyway.
        beyond = (
            OpenWindow(within.start_ns, after.time_ns)
            if newest
            else OpenWindow(after.time_ns + 1, within.end_ns)
        )
    missing, last = asked.limit + 1, None
    for one in windows(reader.rows_of_times("logs", *beyond), beyond, newest):
        params = {**condition.params, "limit": missing}
        times = reader.table(statement, params, *one).column("time")
        missing -= len(times)
        last = times[-1].value if len(times) else last
        if not missing:
            break
    if last is None:
        return None if after is None else _instant(after.time_ns)
    if missing:
        return within
    return within._replace(start_ns=last) if newest else within._replace(end_ns=last + 1)


def _instant(time_ns: int) -> OpenWindow:
    return OpenWindow(time_ns, time_ns + 1)


def _statement(
    asked: LogSearch, condition: Condition, after: Position | None
) -> tuple[str, dict[str, Any]]:
    newest = asked.order == "newest"
    params = {**condition.params, "limit": asked.limit + 1, "offset": after.seen if after else 0}
    beyond = "TRUE"
    if after is not None:
        beyond = filled(sql("query.logs", "after"), {"beyond": "<" if newest else ">"})
        params |= {
            "after_time": after.time_ns,
            "after_received": after.received_ns,
            "after_tie": after.tie,
        }
    parts = {
        "condition": condition.sql,
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
