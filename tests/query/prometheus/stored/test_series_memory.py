"""What is remembered of series comes back as it was, and stays bounded."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from query.prometheus.stored.family import Family
from query.prometheus.stored.series_memory import Series, SeriesMemory
from query.promql.labels import from_mapping
from query.promql.matching import passing
from query.promql.tree import Matcher, MatchKind

FAMILIES = [Family(name, "", "sum", True, "cumulative", "") for name in ("a", "b")]
VALUES = st.sampled_from(["a", "b", "ab", "a\n"])
LABELS = st.dictionaries(st.sampled_from("klmn"), VALUES, max_size=4).map(from_mapping)
SERIES = st.builds(Series, st.sampled_from(FAMILIES), LABELS, LABELS)
BATCHES = st.lists(
    st.dictionaries(st.integers(0, 2**64 - 2), SERIES, min_size=1, max_size=6), max_size=5
)


@settings(max_examples=50)
@given(BATCHES)
def test_it_gives_back_what_it_was_given(batches: list[dict[int, Series]]) -> None:
    memory, model = SeriesMemory(10**6), dict[int, Series]()
    for batch in batches:
        new = {one: series for one, series in batch.items() if one not in model}
        memory.put(list(new), list(new.values()))
        model |= new
    ids = np.array(sorted(model), dtype=np.uint64)
    assert memory.known(ids).all()
    assert list(memory.series(ids)) == [model[one] for one in ids.tolist()]
    assert memory.hashes(ids).tolist() == [hash(model[one].labels) for one in ids.tolist()]
    of_first = memory.of_families(ids, frozenset(FAMILIES[:1]))
    assert of_first.tolist() == [model[one].family == FAMILIES[0] for one in ids.tolist()]
    strangers = np.array([one + 1 for one in model if one + 1 not in model], dtype=np.uint64)
    assert not memory.known(strangers).any()


MATCHERS = st.builds(
    Matcher,
    st.sampled_from("klmx"),
    st.sampled_from(MatchKind),
    st.sampled_from(["", "a", "a|b", ".*", ".+"]),
)


@settings(max_examples=100)
@given(BATCHES, st.lists(MATCHERS, max_size=3), st.sampled_from("klmx"))
def test_columns_say_what_labels_say(
    batches: list[dict[int, Series]], matchers: list[Matcher], name: str
) -> None:
    memory, model = SeriesMemory(10**6), dict[int, Series]()
    for batch in batches:
        new = {one: series for one, series in batch.items() if one not in model}
        memory.put(list(new), list(new.values()))
        model |= new
    chosen = sorted(model)[::2]
    ids = np.array(chosen, dtype=np.uint64)
    labels = [model[one].labels for one in chosen]
    passed = set(passing(matchers, labels))
    assert memory.passing(ids, matchers).tolist() == [own in passed for own in labels]
    assert memory.names(ids) == {key for own in labels for key, _ in own}
    assert memory.values(ids, name) == {
        value for own in labels for key, value in own if key == name
    }
    assert set(memory.targets(ids)) == {model[one].target for one in chosen}
    assert memory.families(ids) == {model[one].family for one in chosen}


def test_what_does_not_fit_is_forgotten() -> None:
    memory, most = SeriesMemory(20_000), 0
    for first in range(0, 1_000, 10):
        ids = list(range(first, first + 10))
        memory.put(ids, [Series(FAMILIES[0], (("k", str(one)),), ()) for one in ids])
        assert memory.size_bytes <= 20_000
        most = max(most, len(memory))
    assert most >= 40
    memory.clear()
    assert len(memory) == 0
    assert not memory.known(np.array([1], dtype=np.uint64)).any()
