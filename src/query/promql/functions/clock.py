"""time(), timestamp() and the parts of a date, in UTC."""

from collections.abc import Callable

import numpy as np

from query.promql.frame import Frame
from query.promql.samples import Floats, Ints
from query.promql.selecting import select_times
from query.promql.tree import Call, Selector, bare
from query.promql.vector import Scalar, Value, Vector, of_floats

_DAY_S = 86_400
# The calendar repeats after 400 years.
_ERA_YEARS, _ERA_DAYS = 400, 146_097
_MAX_S = 2.0**63


def time(call: Call, frame: Frame) -> Scalar:
    """Each step in seconds."""
    return Scalar(frame.seconds)


def timestamp(call: Call, frame: Frame) -> Vector:
    """When samples were taken, in seconds; for a computed value the step itself."""
    inner = bare(call.arguments[0])
    if isinstance(inner, Selector):
        vector = select_times(frame, inner)
        return vector.mapped(vector.values)
    vector = frame.vector(inner)
    seconds = np.broadcast_to(frame.seconds, vector.values.shape)
    dropped = np.ones(len(vector.labels), dtype=np.bool_)
    return Vector(vector.labels, seconds, vector.present, dropped)


Days = np.ndarray[tuple[int, ...], np.dtype[np.datetime64]]


def _days(seconds: Ints) -> tuple[Days, Ints]:
    """The day in a year that NumPy knows, and how many years it was moved for that."""
    eras, days = np.divmod(seconds // _DAY_S, _ERA_DAYS)
    return days.astype("datetime64[D]"), eras * _ERA_YEARS


def _day_of_month(seconds: Ints) -> Ints:
    days, _ = _days(seconds)
    found: Ints = (days - days.astype("datetime64[M]")).astype(np.int64) + 1
    return found


def _day_of_year(seconds: Ints) -> Ints:
    days, _ = _days(seconds)
    found: Ints = (days - days.astype("datetime64[Y]")).astype(np.int64) + 1
    return found


def _days_in_month(seconds: Ints) -> Ints:
    months = _days(seconds)[0].astype("datetime64[M]")
    following = (months + np.timedelta64(1, "M")).astype("datetime64[D]")
    found: Ints = (following - months.astype("datetime64[D]")).astype(np.int64)
    return found


def _month(seconds: Ints) -> Ints:
    months: Ints = _days(seconds)[0].astype("datetime64[M]").astype(np.int64)
    return months % 12 + 1


def _year(seconds: Ints) -> Ints:
    days, moved = _days(seconds)
    years: Ints = days.astype("datetime64[Y]").astype(np.int64)
    return years + 1970 + moved


def _whole_seconds(values: Floats) -> Ints:
    # Go has the last second of its calendar for what is none.
    usable = np.abs(values) < _MAX_S
    whole: Ints = np.where(usable, values, 0).astype(np.int64)
    return np.where(usable, whole, np.int64(2**63 - 1))


def _part(part: Callable[[Ints], Ints]) -> Callable[[Call, Frame], Value]:
    def apply(call: Call, frame: Frame) -> Value:
        if call.arguments:
            vector = frame.vector(call.arguments[0])
        else:
            row = frame.seconds.reshape(1, -1)
            vector = of_floats([()], row, np.ones(row.shape, dtype=np.bool_), True)
        return vector.mapped(part(_whole_seconds(vector.values)).astype(np.float64)).compact()

    return apply


FUNCTIONS = {
    "time": time,
    "timestamp": timestamp,
    "minute": _part(lambda seconds: seconds // 60 % 60),
    "hour": _part(lambda seconds: seconds // 3600 % 24),
    "day_of_week": _part(lambda seconds: (seconds // _DAY_S + 4) % 7),
    "day_of_month": _part(_day_of_month),
    "day_of_year": _part(_day_of_year),
    "days_in_month": _part(_days_in_month),
    "month": _part(_month),
    "year": _part(_year),
}
