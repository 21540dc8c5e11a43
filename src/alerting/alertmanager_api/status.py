"""What Alertmanager tells of itself."""

from typing import Any, Final

from alerting.alertmanager_api.answers import time_text
from alerting.routing.configuration import Configuration
from goldeneye import __version__

# The release whose API this is: clients ask for no more than it had.
API_VERSION: Final = "0.28.1"


def status(configuration: Configuration, started_ns: int) -> dict[str, Any]:
    """The configuration is shown without its secrets."""
    return {
        "cluster": {"peers": [], "status": "disabled"},
        "config": {"original": configuration.shown},
        "uptime": time_text(started_ns),
        "versionInfo": {
            "branch": "",
            "buildDate": "",
            "buildUser": "",
            "goVersion": "",
            "revision": f"goldeneye-{__version__}",
            "version": API_VERSION,
        },
    }
