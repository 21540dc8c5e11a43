"""What a request for a trace asks for beside its id."""

import re
from typing import Final, Literal

from goldeneye.errors import InvalidRequest

Form = Literal["json", "otlp"]

_PROFILE: Final = re.compile(r';\s*profile\s*=\s*"?otlp"?\s*(?:[;,]|$)', re.IGNORECASE)
_SKEW: Final = re.compile(r"(\d{1,9})(ns|us|ms|s|m|h)", re.ASCII)
_UNITS_NS: Final = {
    "ns": 1,
    "us": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}


def wanted_form(format_: Form | None, accept: str | None) -> Form:
    """`otlp` where it is asked for by either; `format` counts more than Accept's profile."""
    if format_ is not None:
        return format_
    return "otlp" if accept and _PROFILE.search(accept) else "json"


def skew_ns(text: str) -> int:
    """The duration in nanoseconds. Raises InvalidRequest."""
    if text == "0":
        return 0
    found = _SKEW.fullmatch(text)
    if found is None:
        raise InvalidRequest(
            f"max_clock_skew: {text[:50]!r} is no duration: 0, or a number and a unit "
            "(ns, us, ms, s, m, h), such as 500ms"
        )
    return int(found[1]) * _UNITS_NS[found[2]]
