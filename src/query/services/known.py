"""Whether there is a service, or an operation, of a name at all."""

import difflib
from collections.abc import Sequence

from goldeneye.errors import NotFound
from goldeneye.sql_files import sql
from query.asking.reader import Reader
from query.reads import Reads, Statement


def require_known(reader: Reader, service: str | None, operation: str | None = None) -> None:
    """Raise NotFound, with the nearest names, where no span of it was ever seen.

    For answers without spans: that a name is wrong must not look as if there were none.
    """
    if service is not None:
        services = _names(reader, "known_services", {})
        _require(service, services, "service", "in the spans that are kept")
    if operation is not None:
        operations = _names(reader, "known_operations", {"service": service})
        place = "in the spans that are kept" if service is None else f"of the service {service!r}"
        _require(operation, operations, "operation", place)


def _names(reader: Reader, name: str, params: dict[str, str | None]) -> list[str]:
    tables = {"span_rollups": ("service_name", "name")}
    statement = Statement(sql("query.services", name), tables, params)
    found: list[str] = reader.read(Reads([statement]))[0].column("name").to_pylist()
    return found


def _require(name: str, known: Sequence[str], what: str, place: str) -> None:
    if name in known:
        return
    nearest = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(nearest)}?" if nearest else ""
    raise NotFound(f"there is no {what} {name!r} {place}{hint}")
