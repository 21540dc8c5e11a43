"""The operations of a service: each name and kind of its spans, with rate, errors, durations."""

from collections.abc import Mapping
from typing import Any

from query.asking.filter_sql import Condition
from query.asking.reader import Reader
from query.services.grouped import Ranges, grouped
from query.services.known import require_known


def operations(reader: Reader, service: str, ranges: Ranges) -> dict[str, Any]:
    """By name and kind; raises NotFound where the service was never seen."""
    condition = Condition("service_name = $service", {"service": service})
    found = grouped(reader, ranges, ("name", "kind"), condition)
    if not found.entries:
        require_known(reader, service)
    entries = [
        {"name": name, "kind": kind, **found.entries[name, kind]} for name, kind in found.entries
    ]
    entries.sort(key=by_operation)
    return {"service_name": service, "operations": entries, **found.facts}


def by_operation(entry: Mapping[str, Any]) -> list[Any]:
    """The order of the list."""
    return [entry["name"] or "", entry["kind"] or ""]
