"""The statements by which calls are read, made of the same parts."""

from typing import Final

from goldeneye.sql_files import sql
from query.asking.statements import filled
from query.asking.window import Window
from query.service_map.peers import BROKER, CALLER, COLUMNS, DATABASE, IS_DATABASE, PEER

# The other side of a call may start so long before or after the range, and no longer: clocks
# differ by less, and few messages wait for more.
REACH_NS: Final = 300 * 1_000_000_000
_MIN_NS: Final = 0
_MAX_NS: Final = 2**63 - 2
# A span belongs to the range by its partition time.
_IN_WINDOW: Final = """
coalesce(start_time, received_time) >= make_timestamp_ns($from_ns)
AND coalesce(start_time, received_time) < make_timestamp_ns($before_ns)
"""
_TIME_NS: Final = "epoch_ns(coalesce(start_time, received_time)) AS time_ns,"
_TIMES: Final = "list(epoch_ns(coalesce(start_time, received_time))) FILTER ($timed) AS times,"
SPAN_COLUMNS: Final = (
    *("trace_id", "span_id", "parent_span_id", "trace_state", "service_name", "kind"),
    *("start_time", "received_time", "duration_ns", "status_code", "links", *COLUMNS),
)


def reach(window: Window) -> Window:
    """The range in which the other sides of its calls are looked for."""
    start_ns, end_ns = window
    return Window(max(start_ns - REACH_NS, _MIN_NS), min(end_ns + REACH_NS, _MAX_NS))


def rounded(window: Window) -> Window:
    """The range with all of the equal steps in which it begins and ends."""
    first, last = window.start_ns // REACH_NS, -(-window.end_ns // REACH_NS)
    return Window(first * REACH_NS, min(last * REACH_NS, _MAX_NS))


def counted_edges(minute: str = "") -> str:
    """The parts of a WITH over `spans` whose last, `counted`, has the edges of the range from
    `$from_ns` to before `$before_ns`; with `minute`, an expression over a span, by it."""
    time = f"{minute} AS minute," if minute else ""
    parts = {
        "by_minute": "minute," if minute else "",
        "alone": _alone(time, "", _IN_WINDOW),
        **_sides(time, "", _IN_WINDOW),
    }
    return filled(sql("query.service_map", "counted_edges"), parts)


def calls_of_files() -> str:
    """Over `spans`, all of them."""
    parts = {**_sides(_TIME_NS, _TIME_NS, "TRUE"), "alone": _alone("", _TIMES, "TRUE")}
    return filled(sql("query.service_map", "calls_of_files"), parts)


def sides_of_keys() -> str:
    """Over `spans`, those of `$keys`."""
    return filled(sql("query.service_map", "sides_of_keys"), _sides(_TIME_NS, _TIME_NS, "TRUE"))


def _sides(time: str, answered: str, in_window: str) -> dict[str, str]:
    places = {"time": time, "answered": answered, "in_window": in_window}
    return {"sides": filled(sql("query.service_map", "sides"), {**_parts(), **places})}


def _alone(time: str, times: str, in_window: str) -> str:
    places = {"time": time, "times": times, "in_window": in_window}
    return filled(sql("query.service_map", "alone"), {**_parts(), **places})


def _parts() -> dict[str, str]:
    return {
        "is_database": IS_DATABASE,
        "database": DATABASE,
        "peer": PEER,
        "caller": CALLER,
        "broker": BROKER,
        "bucket": sql("goldeneye", "duration_bucket"),
        "adjusted_count": sql("goldeneye", "adjusted_count"),
    }
