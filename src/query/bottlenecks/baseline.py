"""What a selection of requests is compared with."""

from dataclasses import replace
from typing import NamedTuple

from goldeneye.errors import InvalidRequest
from goldeneye.times import parse_time
from query.asking.window import Window, shifted, window
from query.bottlenecks.many_traces import Selection


class Baseline(NamedTuple):
    """As asked for; None where it was not."""

    start: str | None
    end: str | None
    version: str | None


def baseline_selection(asked: Baseline, selection: Selection, now_ns: int) -> Selection | None:
    """The same entry point at another time, in another release, or both; None for no baseline.

    A window without one of its ends is as long as the selection's. Raises InvalidRequest.
    """
    if asked == (None, None, None):
        return None
    found = selection
    if asked.start is not None or asked.end is not None:
        found = replace(found, window=_window(asked, selection.window.duration_ns, now_ns))
    return found if asked.version is None else replace(found, version=asked.version)


def _window(asked: Baseline, duration_ns: int, now_ns: int) -> Window:
    if asked.end is not None:
        return window(asked.start, asked.end, now_ns, duration_ns, "baseline_")
    try:
        start_ns = parse_time(asked.start or "", now_ns)
    except InvalidRequest as error:
        raise InvalidRequest(f"baseline_start: {error}") from error
    return shifted(Window(0, duration_ns), -start_ns, "baseline_start")
