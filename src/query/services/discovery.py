"""What the spans' resources say of their services: language, releases, instances."""

from collections import defaultdict
from typing import Any, NamedTuple

from goldeneye import limits
from goldeneye.sql_files import sql
from query.asking.plain import records
from query.asking.reader import Reader
from query.asking.window import Window
from query.percentiles.asked import MINUTE_NS

Facts = dict[str, Any]
NOTHING: Facts = {
    "language": None,
    "namespace": None,
    "environment": None,
    "versions": [],
    "instances": 0,
    "first_seen": None,
}


class Discovered(NamedTuple):
    """`since_ns` is the first time of the spans that were looked at."""

    since_ns: int
    services: dict[str | None, Facts]


def discovered(reader: Reader, window: Window) -> Discovered:
    """From all spans of the range, or from its last part that is not too much to read."""
    since_ns = _since_ns(reader, window)
    found = reader.table(sql("query.services", "discovered"), {}, since_ns, window.end_ns)
    rows = defaultdict(list)
    for row in records(found):
        rows[row["service_name"]].append(row)
    return Discovered(since_ns, {service: _facts(own) for service, own in rows.items()})


def _since_ns(reader: Reader, window: Window) -> int:
    """Half of the range, and half of that, until it has few enough spans."""
    since_ns = window.start_ns
    while (
        window.end_ns - since_ns > MINUTE_NS
        and reader.rows_within("spans", since_ns, window.end_ns) > limits.MAX_DISCOVERY_SPANS
    ):
        since_ns += (window.end_ns - since_ns) // 2
    return since_ns


def _facts(rows: list[dict[str, Any]]) -> Facts:
    """`rows` are in the order of when they were last seen, which is RFC 3339 of equal length."""
    latest = {
        name: next((row[name] for row in reversed(rows) if row[name] is not None), None)
        for name in ("language", "namespace", "environment")
    }
    first: dict[str, str] = {}
    for row in rows:
        version = row["version"]
        if version is not None:
            first[version] = min(first.get(version, row["first_seen"]), row["first_seen"])
    instances = {row["instance"] for row in rows} - {None}
    return {
        **latest,
        "versions": [
            {"version": version, "first_seen": first[version]}
            for version in sorted(first, key=lambda one: (first[one], one))
        ],
        "instances": len(instances),
        "first_seen": min(row["first_seen"] for row in rows),
    }
