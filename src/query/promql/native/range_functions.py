"""What range functions make of windows with native histograms."""

from itertools import pairwise

from query.promql import annotations as notes
from query.promql.native.arithmetic import Combined, combine, divided, scaled, total
from query.promql.native.histogram import Histogram, ResetHint
from query.promql.native.layout import IncompatibleSchemas
from query.promql.native.windows import Value, Window


def count(window: Window) -> Value | None:
    """How many samples there are."""
    return float(window.high - window.low)


def present(window: Window) -> Value | None:
    """One."""
    return 1.0


def last(window: Window) -> Value | None:
    """The last sample."""
    return window.values[-1]


def first(window: Window) -> Value | None:
    """The first sample."""
    return window.values[0]


def last_time(window: Window) -> Value | None:
    """When the last sample was taken, in seconds."""
    return window.times[-1] / 1000.0


def first_time(window: Window) -> Value | None:
    """When the first sample was taken, in seconds."""
    return window.times[0] / 1000.0


def note_oddities(window: Window, found: Combined, operation: str) -> None:
    """Tell of bounds that were given up and hints that contradict."""
    if found.contradicting:
        window.warn(notes.conflicting_resets(operation))
    if found.rebound:
        window.inform(notes.reconciled_buckets(operation))


def _total(window: Window) -> Histogram | None:
    if window.is_mixed:
        window.warn(notes.mixed_floats_histograms(window.name))
        return None
    try:
        found = total(window.histograms)
    except IncompatibleSchemas:
        window.warn(notes.mixed_exponential_custom(window.name))
        return None
    note_oddities(window, found, "aggregation")
    return found.histogram


def sum_(window: Window) -> Value | None:
    """All of them together."""
    return _total(window)


def avg(window: Window) -> Value | None:
    """Their mean."""
    found = _total(window)
    return None if found is None else divided(found, float(window.high - window.low))


def _differ(left: Value, right: Value) -> bool:
    if isinstance(left, Histogram) and isinstance(right, Histogram):
        return not left.equals(right)
    if isinstance(left, Histogram) or isinstance(right, Histogram):
        return True
    return left != right and not (left != left and right != right)


def changes(window: Window) -> Value | None:
    """How often a sample differs from the one before."""
    values = window.values
    return float(sum(_differ(a, b) for a, b in pairwise(values)))


def resets(window: Window) -> Value | None:
    """How often a counter started anew, a change of its kind included."""
    found = 0
    for index in range(window.low + 1, window.high):
        before, after = window.series.values[index - 1], window.series.values[index]
        if isinstance(before, float) and isinstance(after, float):
            found += after < before
        elif isinstance(before, float) or isinstance(after, float):
            found += 1
        else:
            found += window.series.reset_before[index]
    return float(found)


def irate(window: Window) -> Value | None:
    """Per-second rise between the last two samples."""
    return _last_two(window, counter=True)


def idelta(window: Window) -> Value | None:
    """Difference between the last two samples."""
    return _last_two(window, counter=False)


def _last_two(window: Window, counter: bool) -> Value | None:
    if window.high - window.low < 2:
        return None
    before, after = window.values[-2:]
    if isinstance(before, float) and isinstance(after, float):
        return _float_difference(window, before, after, counter)
    if isinstance(before, float) or isinstance(after, float):
        window.warn(notes.mixed_floats_histograms(window.name))
        return None
    gauges = [value.hint is ResetHint.GAUGE for value in (before, after)]
    if counter and any(gauges):
        window.warn(notes.not_a_counter(window.name))
    if not counter and not all(gauges):
        window.warn(notes.not_a_gauge(window.name))
    found: Histogram | None = after
    if not counter or not window.series.reset_before[window.high - 1]:
        found = difference(window, after, before)
    if found is None:
        return None
    return as_gauge(divided(found, _seconds(window)) if counter else found)


def _seconds(window: Window) -> float:
    before, after = window.times[-2:]
    return (after - before) / 1000.0


def _float_difference(window: Window, before: float, after: float, counter: bool) -> float:
    if not counter:
        return after - before
    return (after if after < before else after - before) / _seconds(window)


def as_gauge(histogram: Histogram) -> Histogram:
    """The histogram as one that is no counter."""
    return histogram.hinted(ResetHint.GAUGE)


def difference(window: Window, after: Histogram, before: Histogram) -> Histogram | None:
    """What is more in one than in the other, None where they cannot be compared."""
    try:
        found = combine(after, before, -1.0)
    except IncompatibleSchemas:
        window.warn(notes.mixed_exponential_custom(window.name))
        return None
    if found.rebound:
        window.inform(notes.reconciled_buckets("subtraction"))
    return found.histogram


def rescaled(histogram: Histogram, factor: float) -> Histogram:
    """A change stretched to the window, which is no counter any more."""
    return as_gauge(scaled(histogram, factor))
