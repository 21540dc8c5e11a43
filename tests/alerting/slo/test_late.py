"""What comes late is counted, however old it is, and nothing else is counted again."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from support.slo_documents import NATIVE, OPENSLO, only
from support.slo_world import DAY, NOW, SHORT, World

from alerting.slo.collecting import STRETCH_MINUTES

OLD = NOW - 2 * DAY


def _filled() -> World:
    """Three days were counted, of which there was nothing."""
    world = World()
    world.data.oldest = 0
    world.fill(NOW)
    world.data.asked.clear()
    return world


def _late(world: World) -> list[tuple[int, int]]:
    """What was asked beside the last minutes."""
    return [one for one in world.data.asked if one[1] < NOW - 10]


def test_late_data_of_any_age_corrects_its_minute() -> None:
    world = _filled()
    world.data.happened(OLD, good=1, bad=2, received=NOW)
    world.tick(NOW, 30)
    assert world.events == {}, "it is looked for once a minute"
    world.tick(NOW + 1)
    assert world.events == {OLD: (1, 3)}
    assert _late(world) == [(OLD, OLD + 1)]
    world.data.happened(OLD, good=1, received=NOW + 1)
    world.fill(NOW + 2)
    assert world.events == {OLD: (2, 4)}


def test_what_was_counted_is_not_counted_again() -> None:
    world = _filled()
    world.data.happened(OLD, good=1, received=NOW)
    for minute in range(1, 8):
        world.fill(NOW + minute)
    assert _late(world) == [(OLD, OLD + 1)]
    since = [since for since, _, _ in world.data.looks[-2:]]
    assert since == [NOW + 2, NOW + 3], "only what came since is asked for"


def test_rows_that_were_not_seen_at_once_are_seen_within_minutes() -> None:
    world = _filled()
    world.fill(NOW + 1)
    world.fill(NOW + 2)
    world.data.happened(OLD, good=1, received=NOW)
    world.fill(NOW + 3)
    assert world.events == {OLD: (1, 1)}


def test_an_import_of_the_whole_window_is_counted_in_few_ticks() -> None:
    world = World(only(NATIVE))
    world.data.oldest = 0
    world.fill(NOW)
    first = NOW + 1 - 30 * DAY + 1
    for minute in range(first, NOW - 10, 7):
        world.data.happened(minute, good=1, received=NOW)
    ticks = 0
    while len(world.events) < (NOW - 10 - first) // 7 + 1:
        world.tick(NOW + 1, ticks)
        ticks += 1
    assert ticks == 8
    assert all(end - begin <= STRETCH_MINUTES for begin, end in world.data.asked)


def test_what_is_older_than_the_window_is_left() -> None:
    world = _filled()
    world.data.happened(NOW - 4 * DAY, good=1, received=NOW)
    world.fill(NOW + 1)
    assert world.events == {}
    assert world.data.looks[-1] == (NOW - 3, NOW + 1 - 3 * DAY + 1, NOW - 9)


def test_what_came_before_a_restart_and_was_not_counted_is_counted_then() -> None:
    world = _filled()
    world.fill(NOW + 1)
    world.data.happened(OLD, good=1, received=NOW + 1)
    world.restart()
    world.fill(NOW + 600)
    assert world.events[OLD] == (1, 1)


def test_what_was_found_and_not_counted_yet_survives_a_restart() -> None:
    world = _filled()
    for day in (1, 2):
        for minute in range(100):
            world.data.happened(NOW - day * DAY - minute, good=1, received=NOW)
    world.data.most_minutes = 12
    for minute in range(1, 20):
        world.tick(NOW + minute)
    assert world.events == {}, "each query fails"
    world.data.most_minutes = 1 << 40
    world.restart()
    world.fill(NOW + 60)
    assert len(world.events) == 200
    assert world.since.at_ns == (NOW + 57) * 60 * 10**9


def test_a_count_that_is_not_written_is_counted_again() -> None:
    world = _filled()
    world.data.happened(OLD, good=1, received=NOW)
    lost = world.collector.tick((NOW + 1) * 60 * 10**9)
    assert [row for row in lost.rows if row.total]
    world.fill(NOW + 1)
    assert world.events == {OLD: (1, 1)}


def test_where_nobody_can_tell_what_came_it_is_asked_again() -> None:
    world = _filled()
    world.data.happened(OLD, good=1, received=NOW)
    world.data.deaf = True
    for minute in range(1, 30):
        assert not world.tick(NOW + minute).failures
    assert world.events == {}
    world.data.deaf = False
    world.fill(NOW + 30)
    assert world.events == {OLD: (1, 1)}


def test_a_value_still_counts_in_the_minutes_that_look_back_on_it() -> None:
    """A counter's value is what the next one grows from; a query looks back as well."""
    promql = replace(only(OPENSLO, ("duration: 30d", "duration: 3d")))
    for slo, later, end in ((SHORT, 0, 1), (SHORT, 5, 6), (promql, 5, 16)):
        world = World(slo)
        for query in ('sum(requests_total{code!~"5.."})', "sum(requests_total)"):
            world.data.queries[query] = []
        world.data.oldest = 0
        world.fill(NOW)
        world.data.asked.clear()
        world.data.later = later
        world.data.happened(OLD, good=1, received=NOW)
        world.fill(NOW + 1)
        assert _late(world)[0][1] == OLD + end


def test_what_came_late_for_one_that_fails_waits_for_it() -> None:
    ill = only(
        NATIVE,
        ("name: checkout", "name: ill"),
        ("service: shop", "service: mall"),
        ("window: 30d", "window: 3d"),
    )
    world = World(ill, SHORT)
    world.data.oldest = 0
    world.fill(NOW)
    world.data.broken = {"mall"}
    world.data.happened(OLD, good=1, received=NOW)
    for minute in range(1, 10):
        world.tick(NOW + minute)
    assert world.events == {OLD: (1, 1)}
    world.data.broken = set()
    world.restart()
    world.fill(NOW + 10)
    assert world.table.events("ill") == {OLD: (1, 1)}


MINUTES = st.integers(0, 3 * DAY - 100)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(MINUTES, st.integers(1, 3), st.booleans()), max_size=6))
def test_whatever_comes_the_sums_become_what_happened(
    steps: list[tuple[int, int, bool]],
) -> None:
    world = _filled()
    now = NOW
    for back, good, restarts in steps:
        world.data.happened(now - 50 - back, good=good, received=now)
        if restarts:
            world.restart()
        world.tick(now, 40)
        now += 1
    for _ in range(12):
        world.tick(now)
    happened = {minute: (n, n) for minute, n in world.data.spanned[False].items()}
    kept = {minute: n for minute, n in happened.items() if minute > now - 3 * DAY}
    assert kept.items() <= world.events.items()
    assert world.events.items() <= happened.items()


def test_what_came_late_for_many_of_spans_is_counted_together() -> None:
    slos = [only(NATIVE, ("name: checkout", f"name: slo{number}")) for number in range(5)]
    world = World(*slos)
    world.data.oldest = NOW
    world.tick(NOW)
    world.data.happened(OLD, good=1, received=NOW)
    world.data.jobs.clear()
    world.tick(NOW + 1)
    assert world.data.jobs == [5, 5]
    assert all(world.table.events(slo.name) == {OLD: (1, 1)} for slo in slos)
