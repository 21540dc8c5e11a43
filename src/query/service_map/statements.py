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
    parts = {"by_minute": "minute," if minute else "", **_parts(time, "", _IN_WINDOW)}
    return filled(sql("query.service_map", "counted_edges"), parts)


def calls_of_files() -> str:
    """Over `spans`, all of them."""
    return filled(sql("query.service_map", "calls_of_files"), _parts(_TIME_NS, _TIME_NS, "TRUE"))


def sides_of_keys() -> str:
    """Over `spans`, those of `$keys`."""
    return filled(sql("query.service_map", "sides_of_keys"), _parts(_TIME_NS, _TIME_NS, "TRUE"))


def _parts(time: str, answered: str, in_window: str) -> dict[str, str]:
    parts = {
        "time": time,
        "answered": answered,
        "is_database": IS_DATABASE,
        "database": DATABASE,
        "peer": PEER,
        "caller": CALLER,
        "broker": BROKER,
        "bucket": sql("goldeneye", "duration_bucket"),
        "adjusted_count": sql("goldeneye", "adjusted_count"),
        "in_window": in_window,
    }
    names = ("sides", "alone")
    return {name: filled(sql("query.service_map", name), parts) for name in names}
