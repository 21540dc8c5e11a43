"""Cursors: where the next page of a list begins, as text that only we read."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import orjson
import xxhash

from goldeneye.errors import InvalidRequest


def encode_cursor(position: list[Any], asked: Mapping[str, Any]) -> str:
    """The cursor of the page after `position` (JSON values) of the list that `asked` describes."""
    text = orjson.dumps([_digest(asked), *position])
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def decode_cursor(cursor: str, asked: Mapping[str, Any]) -> list[Any]:
    """The position; raises InvalidRequest where it is no cursor, or one of another list."""
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        digest, *position = orjson.loads(base64.b64decode(padded, b"-_", validate=True))
    except (binascii.Error, orjson.JSONDecodeError, UnicodeEncodeError, TypeError, ValueError):
        raise InvalidRequest("cursor: is none that was given out here") from None
    if digest != _digest(asked):
        raise InvalidRequest("cursor: belongs to a list that was asked for by other parameters")
    return list(position)


def _digest(asked: Mapping[str, Any]) -> str:
    return xxhash.xxh3_64_hexdigest(orjson.dumps(dict(asked), option=orjson.OPT_SORT_KEYS))
