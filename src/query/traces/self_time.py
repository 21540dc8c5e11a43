"""How long a span was busy itself: its time without that in which any child ran."""

from collections.abc import Iterable

Interval = tuple[int, int]


def self_time_ns(own: Interval, children: Iterable[Interval | None]) -> int:
    """The part of `own`, from its start to its end, that no child covers.

    Children whose times are not known (None) cover nothing.
    """
    start_ns, end_ns = own
    covered_ns, until_ns = 0, start_ns
    for child_start_ns, child_end_ns in sorted(child for child in children if child is not None):
        begin_ns = max(child_start_ns, until_ns)
        finish_ns = min(child_end_ns, end_ns)
        if finish_ns > begin_ns:
            covered_ns += finish_ns - begin_ns
            until_ns = finish_ns
    return end_ns - start_ns - covered_ns
