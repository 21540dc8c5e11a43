"""Answers over HTTP that have no end of their own, and how the server tells them to end."""

from typing import Final

# In the scope of a request: what to call when the server stops.
AT_STOP: Final = "goldeneye.at_stop"
