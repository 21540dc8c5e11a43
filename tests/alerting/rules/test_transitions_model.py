"""The life of an alert against its definition, over any sequence of hits and misses."""

from hypothesis import given
from hypothesis import strategies as st
from support.rules import MINUTE_NS, Timeline, alert, samples

HIT = samples(({"job": "a"}, 2.0))
RETENTION_MINUTES = 15


def _shown(hits: list[bool], hold: int, keep: int) -> list[str]:
    """The states that the definition gives, minute by minute."""
    began = fired = missed = ended = None
    shown = []
    for minute, hit in enumerate(hits):
        if hit:
            began, missed, ended = (minute if began is None else began), None, None
            fired = minute if fired is None and minute - began >= hold else fired
        elif fired is not None:
            missed = minute if missed is None else missed
            if minute - missed >= keep:
                began = fired = missed = None
                ended = minute
        else:
            began = None
        if began is not None:
            shown.append("pending" if fired is None else "firing")
        elif ended is not None and minute - ended <= RETENTION_MINUTES:
            shown.append("resolved")
        else:
            shown.append("")
    return shown


@given(
    hits=st.lists(st.booleans(), max_size=40),
    hold=st.integers(min_value=0, max_value=4),
    keep=st.integers(min_value=0, max_value=4),
)
def test_as_defined(hits: list[bool], hold: int, keep: int) -> None:
    line = Timeline(alert(hold_ns=hold * MINUTE_NS, keep_firing_ns=keep * MINUTE_NS))
    got = ["".join(line.at(minute, HIT if hit else [])) for minute, hit in enumerate(hits)]
    assert got == _shown(hits, hold, keep)


@given(hits=st.lists(st.booleans(), max_size=40), hold=st.integers(min_value=0, max_value=4))
def test_events_tell_every_change_and_nothing_else(hits: list[bool], hold: int) -> None:
    line = Timeline(alert(hold_ns=hold * MINUTE_NS))
    shown = "inactive"
    for minute, hit in enumerate(hits):
        now = "".join(line.at(minute, HIT if hit else [])) or "inactive"
        for before, after, _ in line.told:
            assert before == shown
            shown = after
        # What was resolved is forgotten without a word.
        assert shown == now or (shown, now) == ("resolved", "inactive")
        shown = now
