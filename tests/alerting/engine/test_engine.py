"""From data to a notification, through kills, full disks and changes of the files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.alert_engine import RULES, EngineBench, alert_engine
from support.http_receiver import HttpReceiver, Reply, http_receiver
from support.rules import samples

from goldeneye.errors import ConfigurationError, StorageUnavailable

DOWN = samples(({"__name__": "up", "job": "a"}, 0.0))
UP = samples()
FIRED = ("inactive", "firing", "condition_met")
ENDED = ("firing", "resolved", "condition_ended")


@contextmanager
def _told(tmp_path: Path, rules: str = RULES) -> Iterator[tuple[EngineBench, HttpReceiver]]:
    with http_receiver() as hook:
        routing = f"""
route: {{receiver: hook, group_by: [alertname], group_wait: 5s, group_interval: 10s}}
receivers:
  - name: hook
    webhook_configs: [{{url: "{hook.url}/hook"}}]
"""
        with alert_engine(tmp_path, rules, routing) as bench:
            yield bench, hook


def _statuses(hook: HttpReceiver) -> list[str]:
    return [taken.json["status"] for taken in hook.requests]


def test_a_fault_is_told_after_the_group_has_waited_and_its_end_too(tmp_path: Path) -> None:
    with _told(tmp_path) as (bench, hook):
        bench.at(5, DOWN)
        assert hook.requests == []
        bench.at(10)
        (alert,) = hook.requests[0].json["alerts"]
        assert alert["labels"] == {"alertname": "Down", "job": "a"}
        assert alert["annotations"] == {"summary": "a is down"}
        bench.at(15, UP)
        bench.at(25)
        assert _statuses(hook) == ["firing", "resolved"]
        assert bench.events() == [FIRED, ENDED]
        told = [(line["status"], line["reason"]) for line in bench.lake.tables["notifications"]]
        assert told == [("sent", "first notification"), ("sent", "all alerts resolved")]


def test_a_kill_neither_repeats_nor_loses(tmp_path: Path) -> None:
    with _told(tmp_path) as (bench, hook):
        bench.at(5, DOWN)
        bench.restart()  # before it was told
        for second in (6, 11, 12):
            bench.at(second)
        assert _statuses(hook) == ["firing"]
        bench.restart()  # after it was told
        for second in (17, 23, 40):
            bench.at(second)
        assert _statuses(hook) == ["firing"]
        bench.at(45, UP)
        bench.restart()  # resolved, but not told
        for second in (50, 56):
            bench.at(second)
        assert _statuses(hook) == ["firing", "resolved"]
        assert bench.events() == [FIRED, ENDED]


def test_events_that_the_lake_refuses_arrive_later_and_once(tmp_path: Path) -> None:
    with _told(tmp_path) as (bench, _):
        bench.lake.full = True
        bench.at(5, DOWN)
        assert bench.events() == []
        bench.lake.full = False
        bench.at(6)
        assert bench.events() == [FIRED]


def test_events_that_were_written_before_a_kill_are_not_written_again(tmp_path: Path) -> None:
    with _told(tmp_path) as (bench, _):
        bench.at(5, DOWN)
        line = bench.lake.tables["alert_events"][0]
        bench.engine.outbox.add("alert_events", [line])
        bench.restart()
        bench.at(6)
        assert bench.events() == [FIRED]


def test_nobody_is_told_of_what_cannot_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise StorageUnavailable("the disk is full")

    with _told(tmp_path) as (bench, hook):
        with monkeypatch.context() as patched:
            patched.setattr(bench.engine.database, "write", refuse)
            bench.at(5, DOWN)
            bench.at(11)
        assert hook.requests == []
        assert bench.engine.rules.running[0].error == "the disk is full"
        # Groups are evaluated every 5 s, at an offset that their file's name makes.
        bench.at(16)
        bench.at(21)
        assert _statuses(hook) == ["firing"]
        assert bench.engine.rules.running[0].error == ""


def test_what_was_told_is_not_repeated_while_it_cannot_be_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise StorageUnavailable("the disk is full")

    with _told(tmp_path) as (bench, hook):
        bench.at(5, DOWN)
        with monkeypatch.context() as patched:
            patched.setattr(bench.engine.dispatcher.log._database, "write", refuse)
            for second in (10, 20, 30, 40):
                bench.at(second)
        assert _statuses(hook) == ["firing"]
        bench.at(45, UP)
        bench.at(60)
        assert _statuses(hook) == ["firing", "resolved"]


def test_a_receiver_that_fails_is_told_at_the_next_turn(tmp_path: Path) -> None:
    with _told(tmp_path) as (bench, hook):
        hook.answering = lambda _: Reply(400)
        bench.at(5, DOWN)
        bench.at(10)
        hook.answering = lambda _: Reply()
        bench.at(20)
        bench.at(30)
        assert _statuses(hook) == ["firing", "firing"]
        lines = bench.lake.tables["notifications"]
        told = [(line["status"], line["http_status"]) for line in lines]
        assert told == [("failed", 400), ("sent", 200)]


def test_a_rule_that_is_removed_resolves_its_alerts(tmp_path: Path) -> None:
    with _told(tmp_path) as (bench, hook):
        bench.at(5, DOWN)
        bench.at(10)
        bench.rules_file.write_text("groups: []", encoding="utf-8")
        bench.engine.take(bench.engine.load())
        bench.at(20)
        assert _statuses(hook) == ["firing", "resolved"]
        assert bench.events()[-1] == ("firing", "resolved", "rule_removed")


def test_a_broken_file_changes_nothing(tmp_path: Path) -> None:
    with _told(tmp_path) as (bench, _):
        bench.rules_file.write_text("groups: [{name: g, rules: [{alert: X}]}]", encoding="utf-8")
        with pytest.raises(ConfigurationError, match=r"rules.yml:1"):
            bench.engine.load()
        assert [one.planned.group.rules[0].name for one in bench.engine.rules.running] == ["Down"]


def test_a_rule_that_stays_keeps_what_is_known_of_it(tmp_path: Path) -> None:
    held = RULES + "        for: 20s\n"
    with _told(tmp_path, held) as (bench, _):
        bench.at(5, DOWN)
        bench.rules_file.write_text(held + "      - {alert: Other, expr: x}\n", encoding="utf-8")
        bench.engine.take(bench.engine.load())
        bench.at(26)
        assert ("pending", "firing", "held_long_enough") in bench.events()


def test_the_shipped_routing_tells_nobody(tmp_path: Path) -> None:
    with alert_engine(tmp_path) as bench:
        bench.at(5, DOWN)
        bench.at(10)
        assert bench.lake.tables["notifications"] == []
        (group,) = bench.engine.dispatcher.groups.values()
        assert group.route.options.group_wait_ns == 5_000_000_000


def test_a_failure_that_nobody_expects_is_shown_and_the_group_goes_on(tmp_path: Path) -> None:
    with _told(tmp_path) as (bench, hook):
        bench.at(5, RuntimeError("a defect"))
        (running,) = bench.engine.rules.running
        assert running.error == "unexpected RuntimeError: a defect"
        bench.at(10, DOWN)
        bench.at(16)
        assert running.error == ""
        assert _statuses(hook) == ["firing"]


def test_a_group_that_cannot_be_told_holds_up_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def defect(*_: object) -> None:
        raise RuntimeError("a defect")

    with _told(tmp_path) as (bench, hook):
        bench.at(5, DOWN)
        with monkeypatch.context() as patched:
            patched.setattr(bench.engine.dispatcher, "_circumstances", defect)
            bench.at(10)
        bench.at(20)
        assert _statuses(hook) == ["firing"]


def test_an_outcome_that_cannot_be_told_is_shown_and_the_group_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def defect(*_: object) -> None:
        raise RuntimeError("a defect")

    with _told(tmp_path) as (bench, hook):
        with monkeypatch.context() as patched:
            patched.setattr(bench.engine.rules, "_finish", defect)
            bench.at(5, DOWN)
        (running,) = bench.engine.rules.running
        assert running.error == "unexpected RuntimeError: a defect"
        bench.at(10)
        bench.at(16)
        assert _statuses(hook) == ["firing"]


def test_a_group_of_a_long_interval_fires_on_after_a_restart(tmp_path: Path) -> None:
    daily = RULES.replace("name: g", "name: g\n    interval: 1d")
    day_s = 86_400
    with _told(tmp_path, daily) as (bench, hook):
        bench.at(1, DOWN)
        bench.at(6)
        for second in (day_s + 1, day_s + 5 * 3_600, 2 * day_s + 5 * 3_600):
            bench.at(second)
            bench.restart()
            bench.at(second + 1)
            bench.at(second + 12)
        # Repeated, as long as it fires.
        assert set(_statuses(hook)) == {"firing"}
        assert bench.events() == [FIRED]


def test_after_a_kill_alerts_inhibit_before_they_are_evaluated_again(tmp_path: Path) -> None:
    with _told(tmp_path) as (bench, _):
        bench.at(5, DOWN)
        bench.restart()
        (known,) = bench.engine.dispatcher.known.all.values()
        assert known.labels["alertname"] == "Down"
        assert not known.resolved(bench.clock.now_ns())
        # What the first evaluation finds is newer, although its time is that of the last slot.
        bench.at(5, UP)
        (known,) = bench.engine.dispatcher.known.all.values()
        assert known.resolved(bench.clock.now_ns())
