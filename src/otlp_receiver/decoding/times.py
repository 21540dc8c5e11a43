"""What is odd about the time that an item gives (docs/decoding.md, section 7)."""

from typing import Final

from otlp_receiver.decoding.envelope import Context

# Clocks that differ by more than this are wrong.
_MAX_AHEAD_NS: Final = 3_600_000_000_000
# What is older was kept back for a while.
_LATE_AFTER_NS: Final = 24 * 3_600_000_000_000
# The year 2000: seconds, milli- and microseconds read as nanoseconds lie before it.
_YEAR_2000_NS: Final = 946_684_800_000_000_000


def check_time(sent_ns: int, ctx: Context) -> None:
    """Warn of an accepted item's time, where it says one."""
    if sent_ns > max(ctx.received_time_ns + _MAX_AHEAD_NS, 0):
        ctx.body.warn("future_time")
    elif sent_ns == 0:
        return
    elif sent_ns < _YEAR_2000_NS:
        ctx.body.warn("ancient_time")
    elif sent_ns < ctx.received_time_ns - _LATE_AFTER_NS:
        ctx.body.warn("late_time")
