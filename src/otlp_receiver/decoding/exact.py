"""The OTLP messages with strings as bytes and AnyValues as their occurrences' bytes.

The generated classes refuse strings that are not UTF-8 and values nested deeper than a hundred
messages; OTLP receivers should keep the first and must keep the second. These classes come from
the same descriptors, changed in those two respects.
"""

from functools import cache
from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, FileDescriptor
from google.protobuf.descriptor_pb2 import FieldDescriptorProto

_ANY_VALUE: Final = ".opentelemetry.proto.common.v1.AnyValue"


def message_class(descriptor: Descriptor) -> Any:
    """The changed class of a message."""
    pool = _pool(descriptor.file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(descriptor.full_name))


@cache
def _pool(file: FileDescriptor) -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    _add(pool, file, set())
    return pool


def _add(pool: descriptor_pool.DescriptorPool, file: FileDescriptor, done: set[str]) -> None:
    if file.name in done:
        return
    done.add(file.name)
    for dependency in file.dependencies:
        _add(pool, dependency, done)
    changed = descriptor_pb2.FileDescriptorProto()
    file.CopyToProto(changed)
    del changed.service[:]
    for message in changed.message_type:
        _change(message)
    pool.Add(changed)


def _change(message: descriptor_pb2.DescriptorProto) -> None:
    for nested in message.nested_type:
        _change(nested)
    for field in message.field:
        if field.type == FieldDescriptorProto.TYPE_STRING:
            field.type = FieldDescriptorProto.TYPE_BYTES
        elif field.type_name == _ANY_VALUE:
            field.type = FieldDescriptorProto.TYPE_BYTES
            field.label = FieldDescriptorProto.LABEL_REPEATED
            field.ClearField("type_name")
