"""Silences: who is muted from when until when, and how they change."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from alerting.alert import Alert
from alerting.labels import Labels
from alerting.matching.matcher import Matcher, Matchers, all_match


class SilenceState(StrEnum):
    """Where a silence stands in its life."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"


class BadSilence(ValueError):
    """The text says what is wrong with it."""


class NoSuchSilence(LookupError):
    """There is none of that id."""


@dataclass(frozen=True)
class Silence:
    """Times are nanoseconds since the epoch; the end is excluded."""

    id: str
    matchers: Matchers
    starts_at_ns: int
    ends_at_ns: int
    created_by: str
    comment: str
    updated_at_ns: int = 0
    annotations: Labels = field(default_factory=dict)

    def state(self, now_ns: int) -> SilenceState:
        if now_ns < self.starts_at_ns:
            return SilenceState.PENDING
        return SilenceState.ACTIVE if now_ns < self.ends_at_ns else SilenceState.EXPIRED

    def mutes(self, labels: Labels, now_ns: int) -> bool:
        return self.state(now_ns) is SilenceState.ACTIVE and all_match(self.matchers, labels)


Silences = Mapping[str, Silence]


def silenced_by(alert: Alert, silences: Silences, now_ns: int) -> tuple[str, ...]:
    """Ids of the active silences that mute the alert, sorted."""
    return tuple(sorted(s.id for s in silences.values() if s.mutes(alert.labels, now_ns)))


def put(silences: Silences, silence: Silence, new_id: str, now_ns: int) -> tuple[Silences, Silence]:
    """All silences after one is created or changed, and how it is kept.

    One with an id changes what is there, where that does not rewrite the past; otherwise the old
    one expires and the new one gets `new_id`. Raises BadSilence and NoSuchSilence.
    """
    _check(silence, now_ns)
    stamped = replace(silence, updated_at_ns=now_ns)
    remaining = dict(silences)
    if silence.id:
        previous = _existing(silences, silence.id)
        if _can_change(previous, silence, now_ns):
            return remaining | {stamped.id: stamped}, stamped
        if previous.state(now_ns) is not SilenceState.EXPIRED:
            remaining[previous.id] = _expired(previous, now_ns)
    kept = replace(stamped, id=new_id, starts_at_ns=max(silence.starts_at_ns, now_ns))
    return remaining | {new_id: kept}, kept


def expire(silences: Silences, silence_id: str, now_ns: int) -> Silences:
    """Ends one now; a pending one never begins. Raises NoSuchSilence and BadSilence."""
    silence = _existing(silences, silence_id)
    if silence.state(now_ns) is SilenceState.EXPIRED:
        raise BadSilence(f"silence {silence_id} already expired")
    return {**silences, silence_id: _expired(silence, now_ns)}


def forgotten(silences: Silences, now_ns: int, retention_ns: int) -> Silences:
    """Without those that ended longer ago than the retention."""
    return {k: s for k, s in silences.items() if s.ends_at_ns + retention_ns > now_ns}


def _existing(silences: Silences, silence_id: str) -> Silence:
    if silence_id not in silences:
        raise NoSuchSilence(f"silence {silence_id} not found")
    return silences[silence_id]


def _expired(silence: Silence, now_ns: int) -> Silence:
    starts = min(silence.starts_at_ns, now_ns)
    return replace(silence, starts_at_ns=starts, ends_at_ns=now_ns, updated_at_ns=now_ns)


def _can_change(previous: Silence, new: Silence, now_ns: int) -> bool:
    """Whether the same silence goes on: same matchers, and nothing that was true becomes false."""
    if set(previous.matchers) != set(new.matchers):
        return False
    match previous.state(now_ns):
        case SilenceState.ACTIVE:
            return new.starts_at_ns == previous.starts_at_ns and new.ends_at_ns >= now_ns
        case SilenceState.PENDING:
            return new.starts_at_ns >= now_ns
        case SilenceState.EXPIRED:
            return False


def _check(silence: Silence, now_ns: int) -> None:
    if not silence.matchers:
        raise BadSilence("at least one matcher required")
    for matcher in silence.matchers:
        if not matcher.name:
            raise BadSilence("a matcher without a label name")
    if all(map(_matches_empty, silence.matchers)):
        raise BadSilence("at least one matcher must not match the empty string")
    if silence.starts_at_ns <= 0 or silence.ends_at_ns <= 0:
        raise BadSilence("a silence needs a start and an end")
    if silence.ends_at_ns < silence.starts_at_ns:
        raise BadSilence("end time must not be before start time")
    if silence.ends_at_ns < now_ns:
        raise BadSilence("end time can't be in the past")


def _matches_empty(matcher: Matcher) -> bool:
    return matcher.matches({})
