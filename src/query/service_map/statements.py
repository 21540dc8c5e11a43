"""The statements by which calls are read, made of the same parts."""

from typing import Final

from goldeneye.sql_files import sql
from query.asking.statements import filled
from query.asking.window import Window
from query.service_map import sample
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


def counted_edges(minute: str = "", step: int = 0) -> str:
    """The parts of a WITH over `spans` whose last, `counted`, has the edges of the range from
    `$from_ns` to before `$before_ns`; with `minute`, an expression over a span, by it. This one and
    the others: at a step of the sample, with its params."""
    time = f"{minute} AS minute," if minute else ""
    parts = {
        "by_minute": "minute," if minute else "",
        "alone": _alone(time, "", _IN_WINDOW, step),
        **_sides(time, "", _IN_WINDOW, step),
    }
    return filled(sql("query.service_map", "counted_edges"), parts)


def calls_of_files(step: int) -> str:
    """Over `spans`, all of them."""
    own = f"{sample.step_sql('hash(trace_id)')} AS step,"
    parts = {
        **_sides(_TIME_NS, _TIME_NS, "TRUE", step),
        "alone": _alone(own, _TIMES, "TRUE", step),
        "step": sample.step_sql("coalesce(calls.call, answers.call)"),
    }
    return filled(sql("query.service_map", "calls_of_files"), parts)


def sides_of_keys(step: int) -> str:
    """Over `spans`, those of `$keys`."""
    parts = _sides(_TIME_NS, _TIME_NS, "TRUE", step)
    return filled(sql("query.service_map", "sides_of_keys"), parts)


def _sides(time: str, answered: str, in_window: str, step: int) -> dict[str, str]:
    places = {"time": time, "answered": answered, "in_window": in_window}
    return {"sides": filled(sql("query.service_map", "sides"), {**_parts(step), **places})}


def _alone(time: str, times: str, in_window: str, step: int) -> str:
    places = {"time": time, "times": times, "in_window": in_window}
    return filled(sql("query.service_map", "alone"), {**_parts(step), **places})


def _parts(step: int) -> dict[str, str]:
    return {
        **_sampled(step),
        "is_database": IS_DATABASE,
        "database": DATABASE,
        "peer": PEER,
        "caller": CALLER,
        "broker": BROKER,
        "bucket": sql("goldeneye", "duration_bucket"),
        "adjusted_count": sql("goldeneye", "adjusted_count"),
    }


def _sampled(step: int) -> dict[str, str]:
    parts = {
        "in_sample": sample.in_sample_sql("trace_id", step),
        "link_in_sample": sample.in_sample_sql("link.trace_id", step),
    }
    return {
        **parts,
        "kept": filled(sql("query.service_map", "kept"), parts) if step else "",
        "spans": "kept" if step else "spans",
        "key": sample.key_sql("trace_id", "span_id"),
        "parent_key": sample.key_sql("trace_id", "parent_span_id"),
        "link_key": sample.key_sql("link.trace_id", "link.span_id"),
    }
