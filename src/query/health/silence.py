"""How long a service may send nothing, and in which minutes it was silent for longer.

Times are numbers of minutes since 1970, as rollups have them.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from goldeneye.durations import duration_ns
from query.health.rules import Reason
from query.percentiles.asked import MINUTE_NS
from query.services.services_file import ServiceEntry

Minutes = npt.NDArray[np.int64]
# What its own gaps are looked for in.
LOOK_BACK_MINUTES: Final = 24 * 60
# A gap half as long again is chance, twice as long is a fault.
GAP_FACTOR: Final = 2
# Exporters send in batches, deployments restart.
MIN_SILENCE_MINUTES: Final = 10
# A service that was seen once may be one that runs once a day.
MAX_SILENCE_MINUTES: Final = 24 * 60


@dataclass(frozen=True)
class Silence:
    """How long it may be, and who says so."""

    minutes: float
    source: Literal["services_file", "derived"]

    def entry(self) -> dict[str, Any]:
        return {"expected_silence_s": self.minutes * 60, "source": self.source}

    def broken(self, last: int, now_ns: int) -> Reason | None:
        """Why the service is silent, `last` being the last minute that had a span; None where it
        is not."""
        silent_s = max(0.0, now_ns / 1e9 - (last + 1) * 60)
        threshold_s = self.minutes * 60
        if silent_s <= threshold_s:
            return None
        message = f"no span for {silent_s / 60:,.0f} min; {self.minutes:,.0f} min are expected"
        return Reason("silence", "silent", silent_s, threshold_s, None, message)


def said(entry: ServiceEntry | None) -> float | None:
    """The minutes of silence that the services file expects."""
    if entry is None or entry.expected_silence is None:
        return None
    return duration_ns(entry.expected_silence) / MINUTE_NS


def expected(entry: ServiceEntry | None, active: Minutes, now_ns: int) -> Silence:
    """What the services file says; else twice the second longest gap between minutes with spans
    of the last day, since one outage is no habit."""
    if (minutes := said(entry)) is not None:
        return Silence(minutes, "services_file")
    recent = active[active >= now_ns // MINUTE_NS - LOOK_BACK_MINUTES]
    gaps = np.sort(np.diff(recent) - 1)
    if len(gaps) == 0:
        return Silence(MAX_SILENCE_MINUTES, "derived")
    habit = GAP_FACTOR * float(gaps[-2:][0])
    return Silence(min(max(habit, MIN_SILENCE_MINUTES), MAX_SILENCE_MINUTES), "derived")


def silent_minutes(active: Minutes, silence: Silence, first: int, last: int) -> Minutes:
    """Those from `first` to before `last` at whose end it had been silent for too long.

    `active` goes back before `first` for as long as silence may last, and begins with the first
    minute of the service, before which there was none to be silent.
    """
    asked = np.arange(max(first, int(active[0])), last)
    latest = active[np.searchsorted(active, asked, "right") - 1]
    return asked[asked - latest > silence.minutes]
