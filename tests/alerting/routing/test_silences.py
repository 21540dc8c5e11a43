"""Silences: their states, and how they change without rewriting the past."""

from dataclasses import replace

import pytest

from alerting.alert import Alert
from alerting.matching.parse import parse_matchers
from alerting.routing.silences import (
    BadSilence,
    NoSuchSilence,
    Silence,
    Silences,
    SilenceState,
    expire,
    forgotten,
    put,
    silenced_by,
)

NEW = Silence("", parse_matchers("job=web")[0], 100, 200, "me", "because")
ALERT = Alert({"job": "web", "alertname": "a"})


def _created(now_ns: int = 50) -> Silences:
    return put({}, NEW, "one", now_ns)[0]


def test_its_life() -> None:
    silence = _created()["one"]
    states = [silence.state(now) for now in (50, 99, 100, 199, 200)]
    pending, active, expired = SilenceState.PENDING, SilenceState.ACTIVE, SilenceState.EXPIRED
    assert states == [pending, pending, active, active, expired]
    assert [silenced_by(ALERT, _created(), now) for now in (99, 100, 200)] == [(), ("one",), ()]


def test_it_mutes_what_all_matchers_take() -> None:
    assert silenced_by(Alert({"job": "db"}), _created(), 150) == ()


def test_it_cannot_begin_in_the_past() -> None:
    assert put({}, NEW, "one", 150)[1].starts_at_ns == 150


def test_a_change_that_leaves_the_past_alone_keeps_its_id() -> None:
    longer = replace(_created()["one"], ends_at_ns=300, comment="longer")
    silences, kept = put(_created(), longer, "two", 150)
    assert list(silences) == ["one"]
    assert (kept.ends_at_ns, kept.comment, kept.updated_at_ns) == (300, "longer", 150)


@pytest.mark.parametrize(
    "change",
    [{"matchers": parse_matchers("job=db")[0]}, {"starts_at_ns": 120}],
    ids=["matchers", "start"],
)
def test_another_change_ends_it_and_begins_a_new_one(change: dict[str, object]) -> None:
    changed = replace(_created()["one"], **change)  # type: ignore[arg-type]
    silences, kept = put(_created(), changed, "two", 150)
    assert kept.id == "two"
    assert silences["one"].state(150) is SilenceState.EXPIRED
    assert kept.state(150) is SilenceState.ACTIVE


def test_a_pending_one_may_be_moved() -> None:
    silences, kept = put(_created(), replace(_created()["one"], starts_at_ns=80), "two", 60)
    assert (kept.id, list(silences), kept.starts_at_ns) == ("one", ["one"], 80)


def test_an_expired_one_is_made_anew() -> None:
    again = replace(_created()["one"], starts_at_ns=300, ends_at_ns=400)
    silences, kept = put(_created(), again, "two", 250)
    assert kept.id == "two"
    assert silences["one"].ends_at_ns == 200


@pytest.mark.parametrize("now_ns", [60, 150], ids=["pending", "active"])
def test_it_can_be_ended(now_ns: int) -> None:
    ended = expire(_created(), "one", now_ns)["one"]
    assert ended.state(now_ns) is SilenceState.EXPIRED
    assert ended.starts_at_ns == min(100, now_ns)
    with pytest.raises(BadSilence, match="already expired"):
        expire({"one": ended}, "one", now_ns)


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(NoSuchSilence):
        expire({}, "none", 0)
    with pytest.raises(NoSuchSilence):
        put({}, replace(NEW, id="none"), "one", 0)


BROKEN = [
    ({"matchers": ()}, "at least one matcher required"),
    ({"matchers": parse_matchers('a="",b=~".*"')[0]}, "must not match the empty string"),
    ({"matchers": parse_matchers('""=b')[0]}, "a matcher without a label name"),
    ({"ends_at_ns": 99}, "must not be before start time"),
    ({"starts_at_ns": 10, "ends_at_ns": 20}, "can't be in the past"),
    ({"ends_at_ns": 0}, "needs a start and an end"),
]


@pytest.mark.parametrize(("change", "reason"), BROKEN, ids=range(len(BROKEN)))
def test_what_is_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(BadSilence, match=reason):
        put({}, replace(NEW, **change), "one", 50)  # type: ignore[arg-type]


def test_it_is_forgotten_after_the_retention() -> None:
    assert forgotten(_created(), 299, 100) == _created()
    assert forgotten(_created(), 300, 100) == {}
