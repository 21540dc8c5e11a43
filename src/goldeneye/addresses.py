"""Endpoints as the Collector writes them: `host:port`, an IPv6 host in brackets."""


def split_endpoint(endpoint: str) -> tuple[str, int]:
    """`127.0.0.1:4317` -> ("127.0.0.1", 4317); port 0 asks the system for a free one.

    Raises ValueError, naming what is wrong.
    """
    host, colon, port = endpoint.rpartition(":")
    if not colon:
        raise ValueError(f"{endpoint!r} has no port; write host:port, such as 127.0.0.1:4317")
    if not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise ValueError(f"{port!r} in {endpoint!r} is no port number")
    bracketed = host.startswith("[") and host.endswith("]")
    if ":" in host and not bracketed:
        raise ValueError(
            f"write the IPv6 address of {endpoint!r} in brackets, such as [::1]:{port}"
        )
    return (host[1:-1] if bracketed else host), int(port)


def check_endpoint(endpoint: str) -> str:
    """The endpoint itself, where it can be split."""
    split_endpoint(endpoint)
    return endpoint


def join_endpoint(host: str, port: int) -> str:
    """The inverse of `split_endpoint`."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
