"""What a trace would save if some spans' own work took no time."""

from collections.abc import Collection

from hypothesis import given
from hypothesis import strategies as st
from support.trees import traces

from query.bottlenecks.trace import Span, Trace
from query.bottlenecks.walk import sections
from query.bottlenecks.what_if import Model


def saved(spans: list[Span], *free: str) -> int:
    wanted = {place for place, span in enumerate(spans) if span.span_id in free}
    return Model.of(Trace.of(spans)).saved_ns(wanted)


def test_one_after_the_other_all_of_it_is_saved() -> None:
    spans = [Span("r", None, 0, 100), Span("a", "r", 10, 40), Span("b", "r", 50, 90)]
    assert [saved(spans, one) for one in "rab"] == [30, 30, 40]
    assert saved(spans, "a", "b") == 70
    assert saved(spans, "r", "a", "b") == 100


def test_beside_a_shorter_sibling_no_more_than_the_difference_is() -> None:
    spans = [Span("r", None, 0, 100), Span("a", "r", 10, 90), Span("b", "r", 10, 60)]
    # Without a, the root waits for b, and for its own 10 before and 10 after.
    assert saved(spans, "a") == 30
    assert saved(spans, "b") == 0
    assert saved(spans, "a", "b") == 80


def test_what_waited_for_it_comes_earlier() -> None:
    spans = [
        Span("r", None, 0, 100),
        Span("a", "r", 0, 40),
        Span("b", "r", 40, 90),
        Span("beside", "r", 20, 80),
    ]
    # b would end at 50 + 10, but `beside` began before a ended, so it still ends at 80.
    assert saved(spans, "a") == 10


def test_work_of_children_stays() -> None:
    spans = [Span("r", None, 0, 100), Span("a", "r", 20, 80), Span("b", "a", 30, 60)]
    assert saved(spans, "a") == 30
    assert saved(spans, "b") == 30


@given(traces(), st.sets(st.integers(0, 13)))
def test_no_more_is_saved_than_the_path_has_of_it(spans: list[Span], free: Collection[int]) -> None:
    trace = Trace.of(spans)
    on_path = sum(one.end_ns - one.start_ns for one in sections(trace) if one.span in free)
    assert 0 <= Model.of(trace).saved_ns(free) <= on_path


@given(traces())
def test_without_any_work_nothing_is_left(spans: list[Span]) -> None:
    everything = range(len(spans))
    model = Model.of(Trace.of(spans))
    assert model.saved_ns(everything) == spans[0].end_ns
    assert model.saved_ns(()) == 0
