"""The list of all metrics."""

from typing import Any

from goldeneye.sql_files import sql
from query.asking.plain import records
from query.asking.reader import Reader
from query.asking.window import OpenWindow

_KEY = ("name", "type", "unit", "temporality", "is_monotonic")


def catalogue(
    reader: Reader,
    window: OpenWindow,
    service: str | None,
    contains: str | None,
    after: list[Any] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """At most `limit` metrics that had series on the days of the range, by name, type, unit and
    temporality; those after the position of another."""
    position = after or [None] * len(_KEY)
    named = dict(zip(map("after_{}".format, (*_KEY[:4], "monotonic")), position, strict=True))
    params = {"service": service, "contains": contains, "limit": limit, **named}
    return records(reader.table(sql("query.metrics", "catalogue"), params, *window))


def position(entry: dict[str, Any]) -> list[Any]:
    """Where the entry stands in the list."""
    return [*(entry[name] or "" for name in _KEY[:4]), bool(entry["is_monotonic"])]
