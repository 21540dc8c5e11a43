"""Which form of an answer an Accept header asks for."""

from collections.abc import Iterator
from typing import Final

from goldeneye.errors import InvalidRequest
from query.service import MEDIA_TYPES, Format

_TYPES: Final[dict[str, Format]] = {
    media_type.split(";")[0]: form for form, media_type in MEDIA_TYPES.items()
}


def chosen_format(accept: str | None) -> Format:
    """The best liked of the formats; JSON where nothing is said, or where it is as good as any.

    Raises InvalidRequest where none will do.
    """
    ranges = sorted(_ranges(accept or "*/*"), key=lambda r: -r[1])
    for media_range, quality in ranges:
        for media_type, form in _TYPES.items():
            if quality > 0 and _matches(media_range, media_type):
                return form
    raise InvalidRequest(f"Accept: {accept}: there are {', '.join(_TYPES)}")


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for item in accept.split(","):
        media_range, *parameters = (part.strip().lower() for part in item.split(";"))
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name == "q":
                try:
                    quality = float(value)
                except ValueError:
                    raise InvalidRequest(f"Accept: {accept}: q must be a number") from None
        if media_range:
            yield media_range, quality


def _matches(media_range: str, media_type: str) -> bool:
    kind, _, _ = media_type.partition("/")
    return media_range in ("*/*", f"{kind}/*", media_type)
