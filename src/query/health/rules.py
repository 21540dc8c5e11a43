"""The rules by which a service's requests are judged, over any stretch of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

State = Literal["healthy", "degraded", "unhealthy", "silent"]
# From worst to best, as lists of services show them.
WORST_FIRST: Final[tuple[State, ...]] = ("unhealthy", "silent", "degraded", "healthy")

# Every tenth request: nobody's objective allows it, and users notice.
UNHEALTHY_ERROR_RATIO: Final = 0.10
# The budget of 99.9 % for a month is gone within a day and a half.
DEGRADED_ERROR_RATIO: Final = 0.02
# Fewer failures say nothing of a ratio.
MIN_ERRORS: Final = 5
# Against its own past a service is worse where it fails three times as often as it did …
ERROR_RATIO_GROWTH: Final = 3.0
# … and often enough that it matters: five times the budget of 99.9 %.
GROWN_ERROR_RATIO: Final = 0.005
# Twice as slow is more than load and caches explain …
P95_GROWTH: Final = 2.0
# … where it is not the noise of schedulers and networks.
P95_GROWTH_NS: Final = 10_000_000
# A 95th percentile of fewer requests is that of the slowest one.
MIN_REQUESTS: Final = 20

# What the answers say of all this.
THRESHOLDS: Final = {
    "unhealthy_error_ratio": UNHEALTHY_ERROR_RATIO,
    "degraded_error_ratio": DEGRADED_ERROR_RATIO,
    "min_errors": MIN_ERRORS,
    "error_ratio_growth": ERROR_RATIO_GROWTH,
    "grown_error_ratio": GROWN_ERROR_RATIO,
    "p95_growth": P95_GROWTH,
    "p95_growth_ns": P95_GROWTH_NS,
    "min_requests": MIN_REQUESTS,
}


@dataclass(frozen=True)
class Figures:
    """Requests of a stretch of time. Counts are of spans seen; the ratio is of the adjusted."""

    request_count: int = 0
    error_count: int = 0
    error_ratio: float | None = None
    p95_ns: float | None = None

    def entry(self) -> dict[str, Any]:
        return dict(vars(self))


@dataclass(frozen=True)
class Reason:
    """One rule that is broken. `past` is the value that it was compared with."""

    rule: Literal["errors", "errors_grown", "p95_grown", "silence"]
    state: State
    value: float
    threshold: float
    past: float | None
    message: str

    def entry(self) -> dict[str, Any]:
        return dict(vars(self))


def reasons(now: Figures, past: Figures | None) -> list[Reason]:
    """What is wrong with these requests; nothing where all is well. `past` has at least
    MIN_REQUESTS."""
    found = [_errors(now)]
    if past is not None:
        found += [_errors_grown(now, past), _p95_grown(now, past)]
    return [one for one in found if one is not None]


def past_of(*candidates: Figures) -> Figures | None:
    """The first stretch of the past that has enough requests to compare with."""
    return next((one for one in candidates if one.request_count >= MIN_REQUESTS), None)


def state_of(found: Sequence[Reason]) -> State:
    """The worst of the reasons; silence says that nothing newer is known."""
    states = {one.state for one in found}
    if "silent" in states:
        return "silent"
    return next((state for state in WORST_FIRST if state in states), "healthy")


def _errors(now: Figures) -> Reason | None:
    ratio = now.error_ratio or 0.0
    if now.error_count < MIN_ERRORS or ratio < DEGRADED_ERROR_RATIO:
        return None
    unhealthy = ratio >= UNHEALTHY_ERROR_RATIO
    state: State = "unhealthy" if unhealthy else "degraded"
    threshold = UNHEALTHY_ERROR_RATIO if unhealthy else DEGRADED_ERROR_RATIO
    message = f"{_percent(ratio)} of requests fail; {_percent(threshold)} is {state}"
    return Reason("errors", state, ratio, threshold, None, message)


def _errors_grown(now: Figures, past: Figures) -> Reason | None:
    ratio, before = now.error_ratio or 0.0, past.error_ratio or 0.0
    threshold = max(before * ERROR_RATIO_GROWTH, GROWN_ERROR_RATIO)
    if now.error_count < MIN_ERRORS or ratio < threshold:
        return None
    message = f"{_percent(ratio)} of requests fail, where it was {_percent(before)}"
    return Reason("errors_grown", "degraded", ratio, threshold, before, message)


def _p95_grown(now: Figures, past: Figures) -> Reason | None:
    if now.request_count < MIN_REQUESTS or now.p95_ns is None or past.p95_ns is None:
        return None
    threshold = max(past.p95_ns * P95_GROWTH, past.p95_ns + P95_GROWTH_NS)
    if now.p95_ns < threshold:
        return None
    message = f"the 95th percentile is {_ms(now.p95_ns)}, where it was {_ms(past.p95_ns)}"
    return Reason("p95_grown", "degraded", now.p95_ns, threshold, past.p95_ns, message)


def _percent(ratio: float) -> str:
    return f"{100 * ratio:.2f} %"


def _ms(duration_ns: float) -> str:
    return f"{duration_ns / 1e6:,.1f} ms"
