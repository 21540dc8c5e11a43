"""What Prometheus's clients ask of the server itself."""

import os
from typing import Any, Final

from goldeneye import __version__
from query.asking.plain import rfc3339
from query.asking.reader import Reader
from query.pool import Cancellation
from query.prometheus.answers import success
from query.prometheus.asked import Asked

# The release whose API this is: clients ask for no more than it had.
API_VERSION: Final = "3.5.0"


def buildinfo(*_: object) -> dict[str, Any]:
    """The answer of `/status/buildinfo`."""
    return success(
        {
            "version": API_VERSION,
            "revision": f"goldeneye-{__version__}",
            "branch": "",
            "buildUser": "",
            "buildDate": "",
            "goVersion": "",
            "application": "Goldeneye",
        }
    )


def runtimeinfo(reader: Reader, _: Cancellation, asked: Asked) -> dict[str, Any]:
    """The answer of `/status/runtimeinfo`: what of Prometheus's members there is here."""
    return success(
        {
            "serverTime": rfc3339(reader.now_ns),
            "reloadConfigSuccess": True,
            "corruptionCount": 0,
            "GOMAXPROCS": os.cpu_count() or 1,
        }
    )
