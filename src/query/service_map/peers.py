"""Names of those who send no spans themselves, as SQL over attributes of the one who met them."""

from typing import Final

_CALLED: Final = (
    "attributes.peer.service",
    "attributes.server.address",
    "attributes.network.peer.address",
    "attributes.network.peer.port",
)
# In the order in which one of them names a database that has no address.
_DATABASE: Final = (
    "attributes.db.namespace",
    "attributes.db.name",
    "attributes.db.system",
    "attributes.db.system.name",
)
# The columns that all these expressions read.
COLUMNS: Final = _CALLED + _DATABASE


def _first(*names: str) -> str:
    """Of the first that is there; empty text names nobody."""
    return f"coalesce({', '.join(names)})"


def _text(column: str) -> str:
    return f"nullif(\"{column}\", '')"


_SERVICE, _ADDRESS, _PEER_ADDRESS = map(_text, _CALLED[:3])
_PEER: Final = f"{_PEER_ADDRESS} || coalesce(':' || \"{_CALLED[3]}\", '')"
_NAMES: Final = tuple(map(_text, _DATABASE))

# Whether a call is one to a database.
IS_DATABASE: Final = f"({_first(*_NAMES)} IS NOT NULL)"
# Who was called; NULL where nothing says so.
PEER: Final = _first(_SERVICE, _ADDRESS, _PEER)
DATABASE: Final = _first(_SERVICE, _ADDRESS, _PEER, *_NAMES)
# Who called: a server's `server.address` is its own, a consumer's is its broker's.
CALLER: Final = _SERVICE
BROKER: Final = PEER
