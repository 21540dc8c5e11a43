"""The recorded minutes of objectives, read for one question."""

from collections.abc import Sequence

from alerting.slo.collecting import Stored
from alerting.slo.counted import key_of
from alerting.slo.minutes import Minutes, minute_of
from alerting.slo.model import Slo
from alerting.slo.report import longest_alert_window, window_of


def of_window(slo: Slo, stored: Stored, now_ns: int) -> Sequence[Minutes]:
    """Those of its window, and as far back as its alerts look. Raises GoldeneyeError."""
    now = minute_of(now_ns)
    first = min(window_of(slo, now)[0], now - longest_alert_window(slo))
    return since(slo, stored, first, now)


def since(slo: Slo, stored: Stored, first: int, now: int) -> Sequence[Minutes]:
    """Those of each objective from the minute `first` to `now`. Raises GoldeneyeError."""
    found = dict[str, Minutes]()
    for objective in slo.objectives:
        key = key_of(slo, objective)
        if key not in found:
            found[key] = stored.totals(key, first, now + 1)
    return [found[key_of(slo, objective)] for objective in slo.objectives]
