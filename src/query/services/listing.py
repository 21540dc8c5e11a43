"""All services: their requests, who they are, and what people say of them."""

from collections.abc import Mapping
from typing import Any

from query.asking.plain import rfc3339
from query.asking.reader import Reader
from query.percentiles.asked import ANYTHING, BY_SERVICE
from query.services.discovery import NOTHING, discovered
from query.services.grouped import Ranges, grouped
from query.services.red import NONE, change, figures
from query.services.services_file import Entries, ServiceEntry


def services(reader: Reader, ranges: Ranges, entries: Entries) -> dict[str, Any]:
    """By name, those of which there are only spans that are no requests too."""
    found = grouped(reader, ranges, BY_SERVICE, ANYTHING)
    known = discovered(reader, ranges.window)
    names = {name for name, _ in found.entries}
    listed = [
        {
            "service_name": name,
            **(found.entries.get((name, True)) or _no_requests(ranges)),
            **known.services.get(name, NOTHING),
            **_said(entries.get(str(name))),
        }
        for name in names
    ]
    listed.sort(key=by_service)
    return {"services": listed, **found.facts, "discovered_since": rfc3339(known.since_ns)}


def by_service(entry: Mapping[str, Any]) -> list[Any]:
    """The order of the list: spans that name no service last."""
    return [entry["service_name"] is None, entry["service_name"] or ""]


def _no_requests(ranges: Ranges) -> dict[str, Any]:
    now = figures(NONE, ranges.window.duration_ns)
    if ranges.baseline is None:
        return now
    previous = figures(NONE, ranges.baseline.duration_ns)
    return {**now, "previous": previous, "change": change(now, previous)}


def _said(entry: ServiceEntry | None) -> dict[str, Any]:
    return {"described": None if entry is None else entry.model_dump(exclude_none=True)}
