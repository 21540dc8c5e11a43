"""Zones are known where the machine has none of its own."""

import os
import subprocess
import sys
from datetime import UTC, datetime

_ASK = """
from datetime import datetime
from zoneinfo import TZPATH
from alerting.routing.time_intervals import location
from alerting.slo.calendar_window import CalendarWindow

assert TZPATH == ()
print(location("America/New_York").utcoffset(datetime(2026, 7, 15)))
print(*CalendarWindow(1, "d", datetime(2001, 1, 1), "Europe/Berlin").period({minute}))
"""


def _minute(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) // 60  # type: ignore[arg-type, misc]


def test_zones_come_with_the_server() -> None:
    asked = _ASK.replace("{minute}", str(_minute(2026, 7, 15, 12)))
    environment = {**os.environ, "PYTHONTZPATH": ""}
    told = subprocess.run(
        [sys.executable, "-c", asked], env=environment, capture_output=True, text=True, timeout=60
    )
    first, end = _minute(2026, 7, 14, 22), _minute(2026, 7, 15, 22)
    assert told.stdout.splitlines() == ["-1 day, 20:00:00", f"{first} {end}"], told.stderr
