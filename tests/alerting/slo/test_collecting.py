"""Minutes are counted once, corrected by what comes late, and filled in where they lack."""

from support.slo_documents import NATIVE, only
from support.slo_world import DAY, NOW, SHORT, World

from alerting.durations import MINUTE_NS
from alerting.slo.collecting import STRETCH_MINUTES


def test_the_running_minute_grows() -> None:
    world = World()
    world.data.happened(NOW, good=3)
    first = world.tick(NOW, 5).rows
    assert (first[-1].slo, first[-1].service_name) == ("checkout", "shop")
    assert (first[-1].minute_ns, first[-1].good, first[-1].total) == (NOW * MINUTE_NS, 3, 3)
    world.data.happened(NOW, good=1, bad=1)
    (grown,) = world.tick(NOW, 10).rows
    assert (grown.good, grown.total) == (1, 2)
    assert not world.tick(NOW, 15).rows
    assert world.events == {NOW: (4, 5)}


def test_zero_traffic_leaves_rows_of_zeros_once() -> None:
    world = World()
    world.tick(NOW)
    rows = world.tick(NOW + 1).rows
    assert [(row.minute_ns // MINUTE_NS, row.good, row.total) for row in rows] == [(NOW + 1, 0, 0)]
    assert not world.tick(NOW + 1, 30).rows
    assert world.events == {}


def test_late_data_corrects_its_minute_for_ten_minutes() -> None:
    world = World()
    world.tick(NOW)
    for minute in range(NOW + 1, NOW + 11):
        world.tick(minute)
    world.data.happened(NOW, good=0, bad=2)
    world.tick(NOW + 10, 30)
    assert world.events == {}, "between whole minutes only the running ones are counted"
    world.tick(NOW + 11)
    assert world.events == {}, "it is too late for a minute of 11 minutes ago"
    world.data.happened(NOW + 2, good=1, bad=1)
    world.tick(NOW + 12)
    assert world.events == {NOW + 2: (1, 2)}


def test_the_window_is_filled_from_the_newest_back() -> None:
    world = World()
    world.data.oldest = NOW - 2 * DAY
    for minute in range(NOW - 4 * DAY, NOW):
        world.data.happened(minute, good=1)
    world.tick(NOW)
    assert world.data.asked[1:] == [
        (NOW - 10 - STRETCH_MINUTES, NOW - 10),
        (NOW - 2 * DAY, NOW - 10 - STRETCH_MINUTES),
    ]
    world.fill(NOW)
    assert set(world.events) == set(range(NOW - 2 * DAY, NOW))
    assert set(world.events.values()) == {(1, 1)}
    assert max(end - first for first, end in world.data.asked) <= STRETCH_MINUTES


def test_where_a_day_is_too_much_for_one_query_less_of_it_is_asked() -> None:
    world = World()
    world.data.oldest = NOW - DAY
    world.data.happened(NOW - DAY, good=1)
    world.data.most_minutes = 100
    # A day, then halves, of which the fourth has 90 minutes; then a quarter more, and half of that.
    failed = [bool(world.tick(NOW).failures) for _ in range(7)]
    assert failed == [True, True, True, True, False, True, False]
    for minute in range(NOW, NOW + 60):
        world.tick(minute)
    assert world.events == {NOW - DAY: (1, 1)}
    world.data.most_minutes = 12
    world.data.oldest = NOW - 2 * DAY
    world.restart()
    tries = [len(world.tick(NOW + 60).failures) for _ in range(10)]
    # After a minute that was late came 1,440, 720 … 22 and 15; now it waits for some minutes.
    assert tries == [*[1] * 8, 0, 0]


def test_the_window_bounds_what_is_filled() -> None:
    world = World()
    world.data.oldest = 0
    world.data.happened(NOW - 3 * DAY + 1, good=1)
    world.data.happened(NOW - 3 * DAY, good=1)
    world.fill(NOW)
    assert world.events == {NOW - 3 * DAY + 1: (1, 1)}


def test_a_restart_counts_nothing_twice_and_fills_its_gap() -> None:
    world = World()
    world.data.happened(NOW, good=2)
    world.fill(NOW)
    world.data.happened(NOW - 5, good=1)
    world.data.happened(NOW + 5, good=1, bad=1)
    world.restart()
    world.fill(NOW + 60)
    assert world.events == {NOW - 5: (1, 1), NOW: (2, 2), NOW + 5: (1, 2)}
    asked = len(world.data.asked)
    world.restart()
    world.fill(NOW + 61)
    assert world.events == {NOW - 5: (1, 1), NOW: (2, 2), NOW + 5: (1, 2)}
    assert max(end - first for first, end in world.data.asked[asked:]) <= 12


def test_what_is_not_written_is_found_again() -> None:
    world = World()
    world.data.happened(NOW, good=2)
    lost = world.collector.tick(NOW * MINUTE_NS)
    again = world.tick(NOW)
    assert again.rows == lost.rows
    assert world.events == {NOW: (2, 2)}


def test_a_pause_is_caught_up_with() -> None:
    world = World()
    world.fill(NOW)
    world.data.happened(NOW - 9, good=1)
    world.data.happened(NOW + 20, good=1)
    world.fill(NOW + 600)
    assert world.events == {NOW - 9: (1, 1), NOW + 20: (1, 1)}


def test_a_query_that_fails_holds_up_no_other() -> None:
    ill = only(NATIVE, ("name: checkout", "name: ill"), ("service: shop", "service: mall"))
    world = World(ill, SHORT)
    world.data.broken = {"mall"}
    world.data.happened(NOW, good=1)
    tick = world.tick(NOW)
    assert tick.failures == {"ill": "mall is broken"}
    assert world.events == {NOW: (1, 1)}
    world.data.broken = set()
    assert not world.tick(NOW).failures
    assert world.table.events("ill") == {NOW: (1, 1)}


def test_all_are_asked_at_once_until_one_is_too_heavy() -> None:
    heavy = only(NATIVE, ("name: checkout", "name: heavy"), ("service: shop", "service: mall"))
    world = World(heavy, SHORT)
    world.data.oldest = NOW + 10
    world.tick(NOW)
    assert world.data.jobs == [2]
    world.data.heavy = {"mall"}
    assert set(world.tick(NOW, 5).failures) == {"heavy", "checkout"}
    # Asked apart it fails alone, and is not asked again in this minute.
    assert set(world.tick(NOW, 10).failures) == {"heavy"}
    assert set(world.tick(NOW, 15).failures) == {"heavy"}
    assert world.data.jobs == [2, 2, 1, 1, 1]
    assert set(world.tick(NOW + 1).failures) == {"heavy"}
    world.data.heavy = set()
    assert not world.tick(NOW + 2).failures
    world.tick(NOW + 2, 5)
    # The last of the five made up for the minute that was missed.
    assert world.data.jobs[5:] == [1, 1, 1, 1, 1, 2]


def test_thresholds_of_one_slo_are_counted_each() -> None:
    text = """
apiVersion: openslo/v1
kind: SLO
metadata: {name: latency}
spec:
  service: shop
  indicator:
    metadata: {name: p99}
    spec: {thresholdMetric: {metricSource: {type: Prometheus, spec: {query: p99}}}}
  timeWindow: [{duration: 1d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives:
    - {displayName: fast, target: 0.99, op: lt, value: 100}
    - {displayName: usable, target: 0.99, op: lt, value: 500}
"""
    world = World(only(text))
    world.data.queries["p99"] = [{NOW: 300}]
    world.tick(NOW)
    assert world.table.events("latency#fast") == {NOW: (0, 1)}
    assert world.table.events("latency#usable") == {NOW: (1, 1)}


def test_alerts_see_what_is_stored() -> None:
    world = World()
    world.data.oldest = NOW - DAY
    for minute in range(NOW - DAY, NOW):
        world.data.happened(minute, good=1)
    world.fill(NOW)
    (objective,) = SHORT.objectives
    tally = world.collector.minutes(SHORT, objective).tally(NOW - DAY, NOW + 1)
    assert (tally.good, tally.total) == (DAY, DAY)
    for minute in range(NOW + 1, NOW + 5 * DAY, 7 * 60):
        world.fill(minute)
    assert int(world.collector.minutes(SHORT, objective).minute[0]) >= NOW


def test_other_slos_take_over_and_the_same_go_on() -> None:
    world = World()
    world.data.oldest = 0
    world.fill(NOW)
    other = only(NATIVE, ("name: checkout", "name: other"), ("window: 30d", "window: 1d"))
    world.collector.change((SHORT, other))
    rows = world.tick(NOW).rows
    assert {row.slo for row in rows} == {"other"}
    world.collector.change(())
    assert not world.tick(NOW + 1).rows
