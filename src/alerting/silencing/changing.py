"""Silences are made, changed and ended, by the rules of alerting.routing.silences."""

import uuid
from typing import Final

from alerting.durations import MILLISECOND_NS
from alerting.engine.engine import Engine
from alerting.routing.silences import (
    BadSilence,
    NoSuchSilence,
    Silence,
    Silences,
    SilenceState,
    expire,
    put,
)
from goldeneye.errors import Conflict, NotFound

_ORDER: Final = (SilenceState.ACTIVE, SilenceState.PENDING, SilenceState.EXPIRED)


def to_milliseconds(time_ns: int) -> int:
    """Clients of Alertmanager's API see no more, and change a silence only by its exact start."""
    return time_ns // MILLISECOND_NS * MILLISECOND_NS


def keep(engine: Engine, silence: Silence) -> Silence:
    """A new one, or one that is there where it has an id; as it is kept.

    Raises BadSilence, NoSuchSilence and StorageUnavailable.
    """
    dispatcher = engine.dispatcher
    now_ns = to_milliseconds(engine.clock.now_ns())
    after, kept = put(dispatcher.silences, silence, str(uuid.uuid4()), now_ns)
    dispatcher.change_silences(after)
    return kept


def end(engine: Engine, silence_id: str) -> None:
    """From now on it mutes nobody.

    Raises NotFound, Conflict where it is over already, and StorageUnavailable.
    """
    dispatcher = engine.dispatcher
    try:
        after = expire(dispatcher.silences, silence_id, engine.clock.now_ns())
    except NoSuchSilence as error:
        raise NotFound(str(error)) from error
    except BadSilence as error:
        raise Conflict(str(error)) from error
    dispatcher.change_silences(after)


def place(silence: Silence, now_ns: int) -> list[int | str]:
    """Where it stands in lists: active ones by their end, pending ones by their start, then those
    that ended, the last one first."""
    state = silence.state(now_ns)
    time_ns = {
        SilenceState.ACTIVE: silence.ends_at_ns,
        SilenceState.PENDING: silence.starts_at_ns,
        SilenceState.EXPIRED: -silence.ends_at_ns,
    }[state]
    return [_ORDER.index(state), time_ns, silence.id]


def found(silences: Silences, silence_id: str) -> Silence:
    """Raises NotFound."""
    if silence_id not in silences:
        raise NotFound(f"silence {silence_id} not found")
    return silences[silence_id]
