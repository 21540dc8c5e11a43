"""Kinds, and the types that metadata says."""

import pytest

from query.promql.naming.metric_kind import (
    EXEMPLARS_KEY,
    TYPE_KEY,
    UNTRANSLATED_KEY,
    Kind,
    is_untranslated,
    kind_of,
    metadata_type,
)

UNTRANSLATED = {UNTRANSLATED_KEY: True}


@pytest.mark.parametrize(
    ("type_", "monotonic", "metadata", "kind", "said"),
    [
        ("gauge", None, {}, "gauge", "gauge"),
        ("sum", True, {}, "counter", "counter"),
        ("sum", False, {}, "up_down_counter", "gauge"),
        ("histogram", None, {}, "histogram", "histogram"),
        ("histogram", None, UNTRANSLATED, "custom_histogram", "histogram"),
        ("histogram", None, {EXEMPLARS_KEY: True}, "exemplars", "unknown"),
        ("exponential_histogram", None, {}, "exponential_histogram", "histogram"),
        ("summary", None, {}, "summary", "summary"),
    ],
)
def test_kinds(
    type_: str, monotonic: bool | None, metadata: dict[str, object], kind: Kind, said: str
) -> None:
    assert kind_of(type_, monotonic, metadata) == kind
    assert metadata_type(kind, metadata) == said


def test_a_type_that_was_said_goes_first() -> None:
    assert metadata_type("gauge", {TYPE_KEY: "stateset"}) == "stateset"
    assert metadata_type("gauge", {TYPE_KEY: "nonsense"}) == "gauge"
    assert metadata_type("gauge", {TYPE_KEY: 1}) == "gauge"


def test_only_a_true_mark_is_a_mark() -> None:
    assert is_untranslated(UNTRANSLATED)
    assert not is_untranslated({UNTRANSLATED_KEY: "true"})
    assert not is_untranslated({})


def test_other_types_are_a_defect() -> None:
    with pytest.raises(ValueError, match="'set' is no type"):
        kind_of("set", None, {})
