"""Old spans that come at once, and a server that is killed before it counted them."""

import time
from pathlib import Path
from typing import Final

import pytest
from support import items
from support.alerting_server import SECOND_NS, SHOP, AlertingServer, alerting_server, wait_for

SLOS: Final = """
slos:
  - {name: checkout, service: shop, objective: 99, window: 30d, spans: {}, good: status != error}
"""
NOBODY: Final = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"
DAY_NS: Final = 86_400 * SECOND_NS


def _old_spans(server: AlertingServer) -> None:
    """Four for each of 29 days, of which one failed."""
    now_ns = time.time_ns()
    spans = []
    for number in range(4 * 29):
        start_ns = now_ns - (1 + number // 4) * DAY_NS
        spans.append(
            items.span(
                name="pay",
                span_id=(number + 1).to_bytes(8, "big"),
                status={"code": 2 if number % 4 == 0 else 1},
                start_time_unix_nano=start_ns,
                end_time_unix_nano=start_ns + SECOND_NS,
            )
        )
    server.send("traces", items.traces(*spans, resource=SHOP))


def _counts(server: AlertingServer) -> tuple[float, float]:
    shown = server.process.get("/api/v1/slos/checkout")
    return shown["good"], shown["total"]


@pytest.mark.slow
def test_spans_of_a_month_are_counted_though_the_server_is_killed(tmp_path: Path) -> None:
    with alerting_server(tmp_path, routing=NOBODY, slos=SLOS, evaluation_interval_s="1") as server:
        server.spans("pay", 5)
        wait_for(lambda: _counts(server) == (5, 5), "the SLO is counted")
        _old_spans(server)
        server.process.kill()
        server.process.start()
        wait_for(lambda: _counts(server) == (92, 121), "the old spans are counted")
        minutes = server.process.sql(
            "SELECT sum(good) AS good, sum(total) AS total FROM slo_minutes"
        )
        assert minutes == [{"good": 92, "total": 121}]
