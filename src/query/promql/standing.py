"""Which sample of an hour stands for all of them, since a function asks for no more."""

from collections.abc import Mapping
from typing import Final, Literal

HOUR_MS: Final = 3_600_000
Standing = Literal["min", "max", "first", "last"]
# The function of windows of such samples is that of windows of all.
STANDING: Final[Mapping[str, Standing]] = {
    "min_over_time": "min",
    "max_over_time": "max",
    "first_over_time": "first",
    "last_over_time": "last",
    "present_over_time": "last",
    "ts_of_first_over_time": "first",
    "ts_of_last_over_time": "last",
}
