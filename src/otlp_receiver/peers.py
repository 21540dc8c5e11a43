"""Who sends: one name for one host, whichever transport it uses."""

from functools import lru_cache
from urllib.parse import unquote

from starlette.types import Scope


def http_peer(scope: Scope) -> str:
    """The address without the port, which changes with each connection."""
    client = scope.get("client")
    return str(client[0]) if client else ""


@lru_cache(maxsize=1024)
def grpc_peer(text: str) -> str:
    """From `ipv4:10.0.0.1:5000` or `ipv6:%5B::1%5D:5000`, as the library writes it."""
    host, _, port = unquote(text).partition(":")[2].rpartition(":")
    return host.removeprefix("[").removesuffix("]") if port.isdigit() else text
