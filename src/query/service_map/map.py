"""The whole map: edges, and between which nodes they are."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from query.asking.plain import rfc3339
from query.asking.reader import Reader
from query.asking.window import Window
from query.percentiles.weighted import RELATIVE_ERROR
from query.service_map.edge import Edge
from query.service_map.edges import edges
from query.service_map.statements import REACH_NS
from query.services.known import require_known

# What a node is that sends no spans itself, by the edges that lead to it.
_VIRTUAL_TYPES: Final = {"database": "database", "messaging_system": "messaging"}
# A node that is several of these is the first.
_TYPES: Final = ("service", "database", "messaging", "virtual")


def service_map(reader: Reader, window: Window, service: str | None) -> dict[str, Any]:
    """By names; with `service` it and its neighbours. Raises NotFound where it was never seen."""
    found, trace_share = edges(reader, window, service)
    if service is not None and not found:
        require_known(reader, service)
    return {
        "edges": [
            {
                "client": edge.client,
                "server": edge.server,
                "connection_type": edge.connection_type,
                **edge.figures,
            }
            for edge in found
        ],
        "nodes": _nodes(found, service),
        "start": rfc3339(window.start_ns),
        "end": rfc3339(window.end_ns),
        "trace_share": trace_share,
        "relative_error": RELATIVE_ERROR,
        "reach_s": REACH_NS // 1_000_000_000,
    }


def _nodes(found: Sequence[Edge], service: str | None) -> list[dict[str, Any]]:
    """A service that was asked for is one even where it has no edges."""
    types: dict[str, str] = {} if found or service is None else {service: _TYPES[0]}
    for edge in found:
        for name, own in _ends(edge):
            types[name] = min(types.get(name, own), own, key=_TYPES.index)
    return [{"name": name, "type": types[name]} for name in sorted(types)]


def _ends(edge: Edge) -> Iterator[tuple[str, str]]:
    virtual = _VIRTUAL_TYPES.get(edge.connection_type, _TYPES[-1])
    yield edge.client, _TYPES[0] if edge.client_is_service else virtual
    yield edge.server, _TYPES[0] if edge.server_is_service else virtual
