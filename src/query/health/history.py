"""The last 24 hours of a service: how each was, and in how many of its minutes it was up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from query.asking.plain import rfc3339
from query.asking.window import HOUR_NS, Window
from query.health.rules import (
    MIN_ERRORS,
    UNHEALTHY_ERROR_RATIO,
    Figures,
    State,
    past_of,
    reasons,
    state_of,
)
from query.health.silence import Minutes, Silence, silent_minutes
from query.health.stretches import pasts
from query.percentiles.asked import MINUTE_NS

HOURS: Final = 24


@dataclass(frozen=True)
class Minutely:
    """Minutes with spans, as numbers since 1970 and in order, the service's first one before
    them; and those of them in which too many requests failed."""

    active: Minutes
    failing: Minutes

    @staticmethod
    def of(found: pa.Table, first: int) -> "Minutely":
        """From the columns of minutes.sql."""
        minutes = found.column("minute").to_numpy().astype(np.int64)
        adjusted = found.column("adjusted_count").to_numpy()
        failed = found.column("adjusted_error_count").to_numpy()
        errors = found.column("error_count").to_numpy()
        bad = (errors >= MIN_ERRORS) & (failed >= UNHEALTHY_ERROR_RATIO * adjusted)
        return Minutely(np.union1d(minutes, [first]), minutes[bad])


def hours(now_ns: int) -> list[Window]:
    """The last 24 of the clock, the running one being the last."""
    running = now_ns // HOUR_NS
    return [
        Window(number * HOUR_NS, (number + 1) * HOUR_NS)
        for number in range(running - HOURS + 1, running + 1)
    ]


def history(
    minutely: Minutely, silence: Silence, figures: Mapping[Window, Figures], now_ns: int
) -> dict[str, Any]:
    """`uptime` and `history`; only minutes that are over count, from the service's first one."""
    windows = hours(now_ns)
    now = now_ns // MINUTE_NS
    first = max(windows[0].start_ns // MINUTE_NS, int(minutely.active[0]))
    silent = silent_minutes(minutely.active, silence, first, now)
    down = np.union1d(silent, minutely.failing)
    entries = []
    for window in windows:
        own = _within(np.arange(first, now), window)
        entries.append(
            {
                "time": rfc3339(window.start_ns),
                "state": _state(own, _within(silent, window), figures, window),
                "uptime": _share(own, down),
                **figures[window].entry(),
            }
        )
    return {"uptime": _share(np.arange(first, now), down), "history": entries}


def _state(
    own: Minutes, silent: Minutes, figures: Mapping[Window, Figures], window: Window
) -> State | None:
    """None for hours before the service's first minute; `silent` where most minutes were."""
    if len(own) == 0 and figures[window].request_count == 0:
        return None
    if 2 * len(silent) > len(own):
        return "silent"
    past = past_of(*(figures[one] for one in pasts(window)))
    return state_of(reasons(figures[window], past))


def _share(minutes: Minutes, down: Minutes) -> float | None:
    """Of these minutes those that were up."""
    if len(minutes) == 0:
        return None
    return 1 - len(np.intersect1d(minutes, down)) / len(minutes)


def _within(minutes: Minutes, window: Window) -> Minutes:
    low, high = (bound // MINUTE_NS for bound in window)
    return minutes[(minutes >= low) & (minutes < high)]
