"""A clock that is set back or ahead costs at most one evaluation, and no end of an alert."""

from pathlib import Path

from support.alert_engine import EngineBench, alert_engine
from support.http_receiver import http_receiver
from support.rules import samples

from alerting.alert import Alert

HOUR_S = 3_600
DOWN = samples(({"__name__": "up", "job": "a"}, 0.0))
HELD = """
groups:
  - name: g
    rules: [{alert: Down, expr: up == 0, for: 10s, keep_firing_for: 20s}]
"""


def _known(bench: EngineBench) -> Alert:
    (known,) = bench.engine.dispatcher.known.all.values()
    return known


def test_a_clock_that_is_set_back_stops_no_evaluation(tmp_path: Path) -> None:
    with alert_engine(tmp_path) as bench:
        bench.at(5 * HOUR_S)
        bench.at(6, DOWN)
        asked = len(bench.data.asked)
        bench.at(12)
        assert len(bench.data.asked) > asked
        assert not _known(bench).resolved(bench.clock.now_ns())


def test_an_end_that_an_older_clock_tells_is_told_too(tmp_path: Path) -> None:
    with alert_engine(tmp_path) as bench:
        bench.at(5 * HOUR_S, DOWN)
        bench.at(5 * HOUR_S + 20)
        bench.at(6, samples())
        bench.at(12)
        assert _known(bench).resolved(bench.clock.now_ns())


def test_what_fires_or_has_ended_stays_so_where_the_clock_is_set_back(tmp_path: Path) -> None:
    with alert_engine(tmp_path, HELD) as bench:
        for second in (1, 12, 24):
            bench.at(5 * HOUR_S + second, DOWN)
        bench.at(1)
        bench.at(7)
        (running,) = bench.engine.rules.running
        assert [one.shown for one in running.states[0].instances.values()] == ["firing"]
        bench.at(HOUR_S, samples())
        bench.at(1)
        for second in (6, 11, 16, 21, 26, 31):
            bench.at(second)
        assert _known(bench).resolved(bench.clock.now_ns())
        bench.at(2)
        bench.at(7)
        assert _known(bench).resolved(bench.clock.now_ns())


def test_a_group_is_told_though_its_turn_was_to_be_in_hours(tmp_path: Path) -> None:
    with http_receiver() as hook:
        routing = f"""
route: {{receiver: hook, group_wait: 5s, group_interval: 10s}}
receivers: [{{name: hook, webhook_configs: [{{url: "{hook.url}/hook"}}]}}]
"""
        with alert_engine(tmp_path, routing=routing) as bench:
            bench.at(5 * HOUR_S, DOWN)
            bench.at(1)
            bench.at(7)
            assert [taken.json["status"] for taken in hook.requests] == ["firing"]


def test_alerts_do_not_end_because_nobody_ran_for_an_hour(tmp_path: Path) -> None:
    with http_receiver() as hook:
        routing = f"""
route: {{receiver: hook, group_wait: 1s, group_interval: 1s}}
receivers: [{{name: hook, webhook_configs: [{{url: "{hook.url}/hook"}}]}}]
"""
        with alert_engine(tmp_path, routing=routing) as bench:
            bench.at(5, DOWN)
            bench.at(10)
            bench.at(HOUR_S)
            bench.at(HOUR_S + 10)
            assert [taken.json["status"] for taken in hook.requests] == ["firing"]
            bench.at(2 * HOUR_S, samples())
            bench.at(2 * HOUR_S + 10)
            assert [taken.json["status"] for taken in hook.requests] == ["firing", "resolved"]
