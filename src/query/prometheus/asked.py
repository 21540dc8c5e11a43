"""The parameters of Prometheus's API, in its words; those it does not know it passes over."""

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from query.prometheus.bad_requests import BadParameter, BadRequest
from query.prometheus.match import selector
from query.promql.tree import Matcher

_UNITS_MS: Final = {
    "y": 31_536_000_000,
    "w": 604_800_000,
    "d": 86_400_000,
    "h": 3_600_000,
    "m": 60_000,
    "s": 1_000,
    "ms": 1,
}
_DURATION: Final = re.compile("".join(rf"(?:(\d+){unit})?" for unit in _UNITS_MS), re.ASCII)
_MAX_MS: Final = (2**63 - 1) // 1_000_000
_RFC3339: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Asked:
    """What came in the URL and as a form, by name."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def text(self, name: str) -> str:
        """The first value, empty where there is none."""
        return self._values.get(name, [""])[0]

    def time_ms(self, name: str, default_ms: int | None = None) -> int:
        """A time of ms since 1970. Raises BadParameter, also where it lacks without a default."""
        text = self.text(name)
        if default_ms is None:
            return _named(name, parse_time_ms, text)
        return _optional_time(name, text, parse_time_ms) if text else default_ms

    def bound_ms(self, name: str) -> int | None:
        """A bound of what is listed, None where it is not given. Raises BadParameter.

        Grafana asks in milliseconds whether there are exemplars: a time after the last that can be
        stored is no mistake here.
        """
        text = self.text(name)
        return _optional_time(name, text, parse_bound_ms) if text else None

    def duration_ms(self, name: str) -> int:
        """Raises BadParameter."""
        return _named(name, parse_duration_ms, self.text(name))

    def maybe_duration_ms(self, name: str) -> int | None:
        """None where it is not given."""
        return self.duration_ms(name) if self.text(name) else None

    def count(self, name: str) -> int | None:
        """A number of entries; None for as many as there are, which 0 means too."""
        text = self.text(name)
        try:
            found = int(text) if text else 0
        except ValueError:
            what = f'strconv.Atoi: parsing "{text}": invalid syntax'
            raise BadParameter(name, what) from None
        if found < 0:
            raise BadParameter(name, f"{name} must be non-negative")
        return found or None

    def selectors(self) -> list[tuple[Matcher, ...]]:
        """The matchers of each `match[]`. Raises BadRequest."""
        return [selector(text) for text in self._values.get("match[]", [])]

    def needed_selectors(self) -> list[tuple[Matcher, ...]]:
        """As `selectors`, at least one. Raises BadParameter too."""
        try:
            found = self.selectors()
        except BadRequest as error:
            raise BadParameter("match[]", error) from error
        if not found:
            raise BadRequest("no match[] parameter provided")
        return found


def _named(name: str, read: Callable[[str], int], text: str) -> int:
    try:
        return read(text)
    except ValueError as error:
        raise BadParameter(name, error) from None


def _optional_time(name: str, text: str, read: Callable[[str], int]) -> int:
    try:
        return read(text)
    except ValueError as error:
        raise BadParameter(name, f"invalid time value for '{name}': {error}") from None


def parse_time_ms(text: str) -> int:
    """Unix seconds or RFC 3339. Raises ValueError."""
    try:
        seconds = float(text)
    except ValueError:
        return _rfc3339_ms(text)
    if not math.isfinite(seconds) or abs(seconds) * 1000 > _MAX_MS:
        raise ValueError(f'cannot parse "{text}" to a valid timestamp')
    return round(seconds * 1000)


def parse_bound_ms(text: str) -> int:
    """As `parse_time_ms`, but numbers beyond what can be stored become the first or last time."""
    try:
        seconds = float(text)
    except ValueError:
        return _rfc3339_ms(text)
    if not math.isfinite(seconds):
        raise ValueError(f'cannot parse "{text}" to a valid timestamp')
    return round(min(max(seconds * 1000, -_MAX_MS), _MAX_MS))


def _rfc3339_ms(text: str) -> int:
    found = _RFC3339.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        whole = datetime.fromisoformat(found[1] + found[3].replace("Z", "+00:00"))
    except ValueError:
        raise ValueError(f'cannot parse "{text}" to a valid timestamp') from None
    fraction = int((found[2] or ".")[1:].ljust(3, "0")[:3])
    since = whole - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + fraction


def parse_duration_ms(text: str) -> int:
    """Seconds, or `1h30m`. Raises ValueError."""
    try:
        seconds = float(text)
    except ValueError:
        found = _DURATION.fullmatch(text)
        if not text or found is None:
            raise ValueError(f'cannot parse "{text}" to a valid duration') from None
        parts = zip(found.groups(), _UNITS_MS.values(), strict=True)
        duration = sum(int(count) * unit for count, unit in parts if count)
    else:
        if math.isnan(seconds) or (math.isinf(seconds) and "inf" not in text.lower()):
            raise ValueError(f'cannot parse "{text}" to a valid duration')
        if abs(seconds) * 1000 > _MAX_MS:
            raise ValueError(f'cannot parse "{text}" to a valid duration. It overflows int64')
        duration = int(seconds * 1000)
    if duration > _MAX_MS:
        raise ValueError(f'cannot parse "{text}" to a valid duration. It overflows int64')
    return duration
