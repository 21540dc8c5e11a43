"""The labels of a series: its attributes, `job` and `instance`, and what is promoted."""

from collections.abc import Iterable, Mapping
from typing import Final

from query.promql.naming.attribute_text import attribute_text
from query.promql.naming.label_name import label_name
from query.promql.naming.settings import Naming, Scope
from query.promql.naming.strategy import Strategy

SERVICE_NAMESPACE: Final = "service.namespace"
SERVICE_NAME: Final = "service.name"
SERVICE_INSTANCE_ID: Final = "service.instance.id"
IDENTIFYING: Final = frozenset({SERVICE_NAMESPACE, SERVICE_NAME, SERVICE_INSTANCE_ID})
JOB: Final = "job"
INSTANCE: Final = "instance"
# Joins the values of attributes that become the same label.
COLLISION_SEPARATOR: Final = ";"
_SCOPE_PREFIX: Final = "otel_scope_"

Attributes = Mapping[str, object]


def series_labels(
    attributes: Attributes, resource: Attributes, scope: Scope, naming: Naming
) -> dict[str, str]:
    """All labels but `__name__`, `le` and `quantile`, by name; none is empty.

    Attributes are values read from canonical JSON, by key. A point's attribute goes before a
    promoted one of the resource; scope labels, `job` and `instance` go before both.
    """
    labels = _named(attributes.items(), naming.strategy)
    promoted = _named(
        ((key, value) for key, value in resource.items() if naming.promotes(key)), naming.strategy
    )
    for name, value in promoted.items():
        labels.setdefault(name, value)
    if naming.promote_scope_metadata and scope.name:
        labels.update(_scope_labels(scope, naming.strategy))
    labels.update(target_identity(resource))
    return _filled(labels)


def untranslated_labels(attributes: Attributes, resource: Attributes) -> dict[str, str]:
    """Of a series that came from Prometheus: what it had there, and nothing else."""
    return _filled(
        {key: attribute_text(value) for key, value in attributes.items()}
        | target_identity(resource)
    )


def target_info_labels(resource: Attributes, naming: Naming) -> dict[str, str] | None:
    """Of `target_info`; None where it would say nothing, or nobody could join with it."""
    identity = target_identity(resource)
    if not identity or IDENTIFYING.issuperset(resource):
        return None
    told = (
        (key, value)
        for key, value in resource.items()
        if naming.keep_identifying_resource_attributes or key not in IDENTIFYING
    )
    return _filled(_named(told, naming.strategy) | identity)


def target_identity(resource: Attributes) -> dict[str, str]:
    """`job` is `namespace/name`, `instance` the instance's id; each only where it is said."""
    labels = {}
    if SERVICE_NAME in resource:
        job = attribute_text(resource[SERVICE_NAME])
        if SERVICE_NAMESPACE in resource:
            job = f"{attribute_text(resource[SERVICE_NAMESPACE])}/{job}"
        labels[JOB] = job
    if SERVICE_INSTANCE_ID in resource:
        labels[INSTANCE] = attribute_text(resource[SERVICE_INSTANCE_ID])
    return labels


def _named(attributes: Iterable[tuple[str, object]], strategy: Strategy) -> dict[str, str]:
    """By label, colliding values joined in the order of their keys; the nameless are left out."""
    labels: dict[str, str] = {}
    for key, value in sorted(attributes, key=_key):
        name = label_name(key, strategy)
        if name is not None:
            values = [labels.get(name, ""), attribute_text(value)]
            labels[name] = COLLISION_SEPARATOR.join(values) if values[0] else values[1]
    return labels


def _scope_labels(scope: Scope, strategy: Strategy) -> dict[str, str]:
    labels = {
        f"{_SCOPE_PREFIX}name": scope.name,
        f"{_SCOPE_PREFIX}version": scope.version,
        f"{_SCOPE_PREFIX}schema_url": scope.schema_url,
    }
    for key, value in sorted(scope.attributes.items()):
        name = label_name(_SCOPE_PREFIX + key, strategy)
        if name is not None:
            labels[name] = attribute_text(value)
    return labels


def _filled(labels: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in labels.items() if value}


def _key(attribute: tuple[str, object]) -> str:
    return attribute[0]
