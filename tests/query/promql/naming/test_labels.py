"""Labels of series and of `target_info`."""

from hypothesis import given
from hypothesis import strategies as st

from query.promql.naming.labels import (
    series_labels,
    target_identity,
    target_info_labels,
    untranslated_labels,
)
from query.promql.naming.settings import Naming, Scope
from query.promql.naming.strategy import Strategy

RESOURCE = {
    "service.name": "checkout",
    "service.namespace": "shop",
    "service.instance.id": "pod-1",
    "host.name": "h1",
    "k8s.pod.name": "p",
}
IDENTITY = {"job": "shop/checkout", "instance": "pod-1"}
SCOPE = Scope("io.lib", "1.2", "https://schema", {"a.b": 1, "name": "other"})
KEYS = st.text(st.sampled_from("ab._1é"), max_size=6)
ATTRIBUTES = st.dictionaries(KEYS, st.sampled_from(["", "x", "y"]) | st.integers(0, 3), max_size=6)


def test_identity_comes_from_the_resource() -> None:
    assert series_labels({}, RESOURCE, SCOPE, Naming()) == IDENTITY
    assert target_identity({"service.name": "a"}) == {"job": "a"}
    assert target_identity({"service.name": "a", "service.namespace": ""}) == {"job": "/a"}
    assert target_identity({"service.namespace": "n", "service.instance.id": 7}) == {
        "instance": "7"
    }


def test_colliding_attributes_are_joined_in_the_order_of_their_keys() -> None:
    attributes = {"a_b": "3", "a.b": "1", "a:b": "2", "c.d": "", "c_d": "x"}
    assert series_labels(attributes, {}, Scope(), Naming()) == {"a_b": "1;2;3", "c_d": "x"}


def test_without_escaping_they_do_not_collide() -> None:
    naming = Naming(strategy=Strategy.NO_TRANSLATION)
    attributes = {"a_b": "2", "a.b": "1"}
    assert series_labels(attributes, {}, Scope(), naming) == attributes


def test_what_cannot_be_named_or_is_empty_is_no_label() -> None:
    attributes = {"ようこそ": "x", "": "y", "none": None, "a": "b"}
    assert series_labels(attributes, {}, Scope(), Naming()) == {"a": "b"}


def test_identity_goes_before_attributes() -> None:
    attributes = {"job": "mine", "instance": "mine"}
    assert series_labels(attributes, RESOURCE, Scope(), Naming()) == IDENTITY
    assert series_labels(attributes, {}, Scope(), Naming()) == attributes


def test_promoted_resource_attributes_give_way_to_the_points_own() -> None:
    naming = Naming(promote_resource_attributes=frozenset({"host.name", "k8s.pod.name", "no"}))
    labels = series_labels({"host.name": "mine"}, RESOURCE, Scope(), naming)
    assert labels == IDENTITY | {"host_name": "mine", "k8s_pod_name": "p"}


def test_all_resource_attributes_but_some() -> None:
    naming = Naming(
        promote_all_resource_attributes=True,
        ignore_resource_attributes=frozenset({"host.name", "service.namespace"}),
    )
    assert series_labels({}, RESOURCE, Scope(), naming) == IDENTITY | {
        "k8s_pod_name": "p",
        "service_name": "checkout",
        "service_instance_id": "pod-1",
    }


def test_scope_labels() -> None:
    naming = Naming(promote_scope_metadata=True)
    assert series_labels({"otel_scope_version": "x"}, {}, SCOPE, naming) == {
        "otel_scope_name": "other",
        "otel_scope_version": "1.2",
        "otel_scope_schema_url": "https://schema",
        "otel_scope_a_b": "1",
    }
    assert series_labels({}, {}, Scope(version="1", attributes={"a": 1}), naming) == {}


def test_target_info_tells_what_does_not_identify() -> None:
    told = {"host_name": "h1", "k8s_pod_name": "p"}
    promoting = Naming(promote_resource_attributes=frozenset({"service.name"}))
    assert target_info_labels(RESOURCE, Naming()) == IDENTITY | told
    assert target_info_labels(RESOURCE, promoting) == IDENTITY | told
    assert target_info_labels(
        RESOURCE, Naming(keep_identifying_resource_attributes=True)
    ) == IDENTITY | told | {
        "service_name": "checkout",
        "service_namespace": "shop",
        "service_instance_id": "pod-1",
    }


def test_target_info_needs_identity_and_something_to_tell() -> None:
    assert target_info_labels({"host.name": "h1"}, Naming()) is None
    assert target_info_labels({"service.name": "a", "service.namespace": "b"}, Naming()) is None
    assert target_info_labels({}, Naming()) is None


def test_untranslated_labels_are_as_sent() -> None:
    labels = untranslated_labels({"_a": "1", "b.c": "2", "d": ""}, {"service.name": "x"})
    assert labels == {"_a": "1", "b.c": "2", "job": "x"}


@given(ATTRIBUTES, ATTRIBUTES, st.sampled_from(list(Strategy)))
def test_no_label_is_empty_and_order_does_not_matter(
    attributes: dict[str, object], resource: dict[str, object], strategy: Strategy
) -> None:
    naming = Naming(strategy=strategy, promote_all_resource_attributes=True)
    labels = series_labels(attributes, resource, SCOPE, naming)
    turned = dict(reversed(attributes.items())), dict(reversed(resource.items()))
    assert all(labels.values())
    assert all(labels)
    assert series_labels(*turned, SCOPE, naming) == labels
