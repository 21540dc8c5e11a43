"""Numbers for people: `humanize` and what goes with it, as in Prometheus."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Final

from alerting.durations import duration_ns
from alerting.templates.printf import printf
from alerting.templates.times import Duration, Time
from alerting.templates.values import Function, type_name

_LARGE: Final = ("k", "M", "G", "T", "P", "E", "Z", "Y")
_SMALL: Final = ("m", "u", "n", "p", "f", "a", "z", "y")
_BINARY: Final = ("ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi")
_LARGEST_NS: Final = float(1 << 63)


def number_of(value: object) -> float:
    """A number, or the text of one; a duration counts seconds. Raises TypeError, ValueError."""
    if isinstance(value, Duration):
        return value.ns / 1e9
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError(f"can't convert {type_name(value)} to float")
    try:
        return float(value)
    except ValueError:
        raise ValueError(f"parsing {value!r}: invalid syntax") from None


def _four_digits(value: float) -> str:
    return printf("%.4g", value)


def _smaller(value: float) -> tuple[float, str]:
    unit = ""
    for unit_below in _SMALL:
        if abs(value) >= 1:
            break
        unit, value = unit_below, value * 1000
    return value, unit


def _larger(value: float, units: tuple[str, ...], step: int) -> tuple[float, str]:
    unit = ""
    for unit_above in units:
        if abs(value) < step:
            break
        unit, value = unit_above, value / step
    return value, unit


def humanize(given: object) -> str:
    """Metric prefixes: `1.235k`, `12m`."""
    value = number_of(given)
    if value == 0 or not isfinite(value):
        return _four_digits(value)
    value, unit = _larger(value, _LARGE, 1000) if abs(value) >= 1 else _smaller(value)
    return _four_digits(value) + unit


def humanize1024(given: object) -> str:
    """Binary prefixes: `1.5Mi`."""
    value = number_of(given)
    if abs(value) <= 1 or not isfinite(value):
        return _four_digits(value)
    value, unit = _larger(value, _BINARY, 1024)
    return _four_digits(value) + unit


def humanize_duration(given: object) -> str:
    """Seconds as `1h 2m 3s`, `1.5s` or `12ms`."""
    value = number_of(given)
    if not isfinite(value):
        return _four_digits(value)
    if value == 0:
        return "0s"
    if abs(value) < 1:
        value, unit = _smaller(value)
        return f"{_four_digits(value)}{unit}s"
    sign, value = "-" if value < 0 else "", abs(value)
    minutes, seconds = divmod(int(value), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{sign}{days}d {hours}h {minutes}m {seconds}s"
    if hours:
        return f"{sign}{hours}h {minutes}m {seconds}s"
    return f"{sign}{minutes}m {seconds}s" if minutes else f"{sign}{_four_digits(value)}s"


def humanize_percentage(given: object) -> str:
    """A ratio as `12.5%`."""
    return f"{_four_digits(number_of(given) * 100)}%"


def to_time(given: object) -> Time:
    """Seconds since the epoch, to the millisecond, as Prometheus keeps time."""
    value = number_of(given)
    if not isfinite(value):
        raise ValueError("value is NaN or Inf")
    if not -_LARGEST_NS <= value * 1e9 < _LARGEST_NS:
        raise ValueError(f"{_four_digits(value)} cannot be represented as a timestamp")
    return Time(int(value * 1e9) // 1_000_000 * 1_000_000)


def humanize_timestamp(given: object) -> str:
    """Seconds since the epoch as a date and a time."""
    value = number_of(given)
    return str(to_time(value)) if isfinite(value) else _four_digits(value)


def _to_duration(given: object) -> Duration:
    value = number_of(given)
    if not isfinite(value) or abs(value * 1e9) >= _LARGEST_NS:
        raise ValueError(f"{_four_digits(value)} cannot be represented as a duration")
    return Duration(int(value * 1e9))


def _one(call: Callable[[object], object]) -> Function:
    return Function(call, (object,))


HUMANIZE: Final[Mapping[str, Function]] = {
    "humanize": _one(humanize),
    "humanize1024": _one(humanize1024),
    "humanizeDuration": _one(humanize_duration),
    "humanizePercentage": _one(humanize_percentage),
    "humanizeTimestamp": _one(humanize_timestamp),
    "toTime": _one(to_time),
    "toDuration": _one(_to_duration),
    "parseDuration": Function(lambda text: duration_ns(text) / 1e9, (str,)),
}
