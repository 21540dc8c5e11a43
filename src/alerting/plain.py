"""Times and numbers as JSON has them."""

import math
from datetime import UTC, datetime

from alerting.durations import SECOND_NS


def rfc3339(time_ns: int) -> str:
    """`2026-01-01T00:00:00.000000001Z`, from nanoseconds since the epoch."""
    seconds, rest = divmod(time_ns, SECOND_NS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def moment(time_ns: int) -> str | None:
    """As `rfc3339`; None for 0, which stands for never."""
    return rfc3339(time_ns) if time_ns else None


def number(value: float) -> float | str:
    """JSON has no word for NaN and infinities: `NaN`, `+Inf`, `-Inf`, as Prometheus has them."""
    return value if math.isfinite(value) else number_text(value)


def number_text(value: float) -> str:
    """The shortest text that is this number, in Go's form."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value.is_integer() and abs(value) < 1e21 else repr(value)
