"""Which message a request holds, by its headers."""

from enum import StrEnum
from typing import Final

from goldeneye.errors import InvalidRequest


class Message(StrEnum):
    """By its name in the media type's parameter `proto`."""

    V1 = "prometheus.WriteRequest"
    V2 = "io.prometheus.write.v2.Request"


class UnsupportedMedia(InvalidRequest):
    """Another media type, message or compression; HTTP 415."""


_MEDIA_TYPE: Final = "application/x-protobuf"
_SNAPPY: Final = "snappy"


def message_of(content_type: str, content_encoding: str) -> Message:
    """Old clients leave either header out, and mean 1.0 and snappy. Raises UnsupportedMedia."""
    if content_encoding and content_encoding.strip().lower() != _SNAPPY:
        raise UnsupportedMedia(
            f"{content_encoding} encoding (compression) is not accepted by this server; "
            f"only {_SNAPPY} is acceptable"
        )
    media_type, *parameters = (content_type.strip() or _MEDIA_TYPE).split(";")
    if media_type.strip().lower() != _MEDIA_TYPE:
        raise UnsupportedMedia(
            f"expected {_MEDIA_TYPE} as the first (media) part, got {content_type} content-type"
        )
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "proto":
            return _named(value.strip().strip('"'), content_type)
    return Message.V1


def _named(name: str, content_type: str) -> Message:
    try:
        return Message(name)
    except ValueError:
        known = ", ".join(Message)
        raise UnsupportedMedia(
            f"got {content_type} content type; unknown remote write protobuf message {name}, "
            f"supported: {known}"
        ) from None
