"""Targets as resources, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query.promql.naming.labels import target_identity
from query.promql.remote_write.resources import resource_of


def _attributes(job: str | None, instance: str | None) -> dict[str, str]:
    found = resource_of(job, instance).attributes
    return {attribute.key: attribute.value.string_value for attribute in found}


@pytest.mark.parametrize(
    ("job", "instance", "expected"),
    [
        ("api", None, {"service.name": "api"}),
        ("shop/api", None, {"service.namespace": "shop", "service.name": "api"}),
        ("a/b/c", None, {"service.namespace": "a", "service.name": "b/c"}),
        (None, "h:1", {"service.instance.id": "h:1"}),
        (None, None, {}),
    ],
)
def test_resources(job: str | None, instance: str | None, expected: dict[str, str]) -> None:
    assert _attributes(job, instance) == expected


@given(st.none() | st.text("a/é", min_size=1), st.none() | st.text(min_size=1))
def test_the_same_target_comes_back(job: str | None, instance: str | None) -> None:
    sent = {"job": job, "instance": instance}
    expected = {name: value for name, value in sent.items() if value is not None}
    assert target_identity(_attributes(job, instance)) == expected
