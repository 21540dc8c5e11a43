"""A page of the list of traces."""

from collections.abc import Mapping
from typing import Any, Literal

from goldeneye.cursor import decode_cursor, encode_cursor
from goldeneye.errors import InvalidRequest
from query.asking.reader import Reader
from query.asking.window import OpenWindow
from query.trace_search.newest import NEWEST, newest
from query.trace_search.slowest import SLOWEST, slowest
from query.trace_search.wanted import Wanted

Order = Literal["newest", "slowest"]


def search(
    reader: Reader,
    wanted: Wanted,
    within: OpenWindow,
    order: Order,
    limit: int,
    cursor: str | None,
    asked: Mapping[str, Any],
) -> dict[str, Any]:
    """`{"traces": […], "next_cursor"?}`; a trace is found by any of its spans that matches.

    `asked` is what a cursor must have been given out for: the parameters as they were written.
    """
    after = None if cursor is None else _place(decode_cursor(cursor, asked))
    if order == "slowest":
        rows, last = slowest(reader, wanted, within, limit, after or SLOWEST)
    else:
        found = newest(reader, wanted.matching, within, limit + 1, after or NEWEST)
        rows = found[:limit]
        last = (rows[-1].start_ns, rows[-1].trace_id) if len(found) > limit else None
    return {"traces": [one.row for one in rows], **_next(last, asked)}


def _next(last: tuple[int, str] | None, asked: Mapping[str, Any]) -> dict[str, str]:
    return {} if last is None else {"next_cursor": encode_cursor(list(last), asked)}


def _place(position: list[Any]) -> tuple[int, str]:
    match position:
        case [int(number), str(trace_id)]:
            return number, trace_id
    raise InvalidRequest("cursor: is none that was given out here")
