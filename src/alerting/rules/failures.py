"""What a rule's evaluation can end with."""

from goldeneye.errors import GoldeneyeError


class RuleFailed(GoldeneyeError):
    """The answer cannot be used; the rule's alerts stay as its `error` says."""


class LimitExceeded(RuleFailed):
    """More series than the group allows: the rule's output is dropped."""
