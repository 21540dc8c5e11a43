"""Why a notification was sent or not, and why an alert is not in it: closed lists."""

from enum import StrEnum


class Reason(StrEnum):
    """Of a notification."""

    FIRST_NOTIFICATION = "first notification"
    NEW_ALERTS_IN_GROUP = "new alerts in group"
    NEW_RESOLVED_ALERTS = "new resolved alerts in group"
    ALL_ALERTS_RESOLVED = "all alerts resolved"
    REPEAT_INTERVAL_ELAPSED = "repeat interval elapsed"
    # None of these is sent.
    NOTHING_NEW = "nothing new since the last notification"
    NEVER_FIRED = "resolved before it was ever notified"
    RESOLVED_KNOWN = "the receiver was told already that all is resolved"
    ALL_MUTED = "every alert of the group is muted"

    @property
    def notifies(self) -> bool:
        return self in _NOTIFY


_NOTIFY = frozenset(
    (
        Reason.FIRST_NOTIFICATION,
        Reason.NEW_ALERTS_IN_GROUP,
        Reason.NEW_RESOLVED_ALERTS,
        Reason.ALL_ALERTS_RESOLVED,
        Reason.REPEAT_INTERVAL_ELAPSED,
    )
)


class Muting(StrEnum):
    """Of an alert that is left out."""

    INHIBITED = "inhibited"
    SILENCED = "silenced"
    MUTE_TIME = "mute time interval"
    OUTSIDE_ACTIVE_TIME = "outside the active time intervals"
