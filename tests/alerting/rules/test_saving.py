"""Saved alerts are read back as they were."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.rules.instance import Gap, Instance, State
from alerting.rules.saving import instance, plain

LABELS = st.dictionaries(st.text(), st.text(), max_size=3)
TIMES = st.integers(min_value=0, max_value=(1 << 63) - 1)
INSTANCES = st.builds(
    Instance,
    labels=LABELS,
    source=LABELS,
    annotations=LABELS,
    state=st.sampled_from(State),
    gap=st.none() | st.sampled_from(Gap),
    value=st.floats(allow_nan=False),
    active_at_ns=TIMES,
    fired_at_ns=TIMES,
    resolved_at_ns=TIMES,
    keep_firing_since_ns=TIMES,
    sent_at_ns=TIMES,
    settles_at_ns=TIMES,
)


@given(INSTANCES)
def test_through_json(one: Instance) -> None:
    assert instance(json.loads(json.dumps(plain(one), allow_nan=False))) == one


def test_a_value_that_is_no_number() -> None:
    saved = json.loads(json.dumps(plain(Instance({}, {}, value=math.nan)), allow_nan=False))
    assert math.isnan(instance(saved).value)


def test_what_is_no_alert() -> None:
    with pytest.raises(KeyError):
        instance({})
    with pytest.raises(ValueError, match="sleeping"):
        instance({**plain(Instance({}, {})), "state": "sleeping"})
