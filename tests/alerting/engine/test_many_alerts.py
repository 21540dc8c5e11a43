"""Thousands of alerts cost what each of them costs, and no more."""

import threading
import time
from pathlib import Path

from support.alert_engine import alert_engine
from support.http_receiver import Reply, Taken, http_receiver
from support.rules import samples

from goldeneye.limits import MAX_ATTEMPTS_AT_ONCE

EACH_ALONE = """
route: {receiver: team, group_by: ['...'], group_wait: 1s, group_interval: 1s}
receivers: [{name: team}]
"""
MANY = samples(*(({"job": f"job-{number}", "path": "/" * 50}, 0.0) for number in range(1_000)))


def test_as_many_groups_as_alerts_do_not_hold_the_engine_up(tmp_path: Path) -> None:
    with alert_engine(tmp_path, routing=EACH_ALONE) as bench:
        began_s = time.process_time()
        bench.at(5, MANY)
        bench.at(10)
        # It took minutes where each group looked at all others.
        assert time.process_time() - began_s < 8
        assert len(bench.engine.dispatcher.groups) == 1_000
        bench.at(20, samples())
        bench.at(30)
        assert not bench.engine.dispatcher.groups


def test_groups_that_are_due_at_once_are_told_so_many_at_a_time_and_each_once(
    tmp_path: Path,
) -> None:
    most, under_way, lock, full = 0, 0, threading.Lock(), threading.Event()

    def counted(_: Taken) -> Reply:
        nonlocal most, under_way
        with lock:
            under_way += 1
            most = max(most, under_way)
            if under_way == MAX_ATTEMPTS_AT_ONCE:
                full.set()
        full.wait(10)
        with lock:
            under_way -= 1
        return Reply()

    with http_receiver(counted) as hook:
        routing = EACH_ALONE.replace(
            "{name: team}", f"{{name: team, webhook_configs: [{{url: '{hook.url}'}}]}}"
        )
        with alert_engine(tmp_path, routing=routing) as bench:
            bench.at(5, samples(*(({"job": f"job-{number}"}, 0.0) for number in range(50))))
            bench.at(10)
            told = [taken.json["groupLabels"]["job"] for taken in hook.requests]
            assert sorted(told) == sorted(f"job-{number}" for number in range(50))
            assert most == MAX_ATTEMPTS_AT_ONCE
            bench.restart()
            bench.at(11)
            bench.at(16)
            assert len(hook.requests) == 50
