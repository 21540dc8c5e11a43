"""`job` and `instance` as a resource, from which the naming makes them again."""

from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from query.promql.naming.labels import (
    SERVICE_INSTANCE_ID,
    SERVICE_NAME,
    SERVICE_NAMESPACE,
)
from query.promql.remote_write.exemplar_points import string_attributes


def resource_of(job: str | None, instance: str | None) -> Resource:
    """What stands before the first slash of a job is its namespace."""
    attributes = {}
    if job is not None:
        namespace, slash, name = job.partition("/")
        if slash:
            attributes[SERVICE_NAMESPACE] = namespace
        attributes[SERVICE_NAME] = name if slash else job
    if instance is not None:
        attributes[SERVICE_INSTANCE_ID] = instance
    return Resource(attributes=string_attributes(attributes.items()))
