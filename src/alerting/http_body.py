"""Bodies that are texts: YAML or JSON."""

from goldeneye import limits
from goldeneye.errors import InvalidRequest, RequestTooLarge


def text_of(body: bytes) -> str:
    """Raises RequestTooLarge and InvalidRequest."""
    if len(body) > limits.MAX_QUERY_BODY_BYTES:
        raise RequestTooLarge(f"the body is longer than {limits.MAX_QUERY_BODY_BYTES} bytes")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"the body is not UTF-8 (byte {error.start})") from error
