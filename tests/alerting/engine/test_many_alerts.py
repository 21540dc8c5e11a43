"""Thousands of alerts cost what each of them costs, and no more."""

import time
from pathlib import Path

from support.alert_engine import alert_engine
from support.rules import samples

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
