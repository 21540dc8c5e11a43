"""Snappy's block format, in which all remote-write bodies come."""

import cramjam

from goldeneye.errors import InvalidRequest, RequestTooLarge


def uncompressed(body: bytes, max_bytes: int) -> bytes:
    """A body says how long it becomes before any of it does.

    Raises RequestTooLarge, and InvalidRequest where it is not snappy.
    """
    try:
        length = int(cramjam.snappy.decompress_raw_len(body))
        if length > max_bytes:
            raise RequestTooLarge(f"the request exceeds {max_bytes} bytes after decompression")
        return bytes(cramjam.snappy.decompress_raw(body))
    except cramjam.DecompressionError as error:
        raise InvalidRequest(f"snappy: corrupt input: {error}") from None
