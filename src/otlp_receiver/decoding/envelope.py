"""What all signals share: resource, scope, and the body that is being read."""

from collections import Counter
from dataclasses import dataclass, field
from json.encoder import encode_basestring
from typing import Any, Final

from goldeneye.schemas import PromotedKeys
from otlp_receiver.decoding.canonical_json import encode_attributes
from otlp_receiver.decoding.rows import Promotion, Rows
from otlp_receiver.decoding.values import MessageReader, Value
from otlp_receiver.decoding.wire import WireReader

# The columns of `Resource.columns` and `Scope.columns`, in their order.
RESOURCE_NAMES: Final = (
    "service_name",
    "resource_attributes_other",
    "resource_dropped_attributes_count",
    "resource_entity_refs",
    "resource_schema_url",
)
SCOPE_NAMES: Final = (
    "scope_name",
    "scope_version",
    "scope_attributes",
    "scope_dropped_attributes_count",
    "scope_schema_url",
)


@dataclass
class Body:
    """One body under way: nothing of it counts before it is read to its end."""

    rows: dict[str, Rows] = field(default_factory=dict)
    accepted: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)

    first_rejected: str | None = None

    def reject(self, reason: str, place: str) -> None:
        self.rejected[reason] += 1
        self.first_rejected = self.first_rejected or place

    def warn(self, warning: str) -> None:
        self.warnings[warning] += 1

    def of(self, table: str, names: tuple[str, ...]) -> Rows:
        if table not in self.rows:
            self.rows[table] = Rows(table, names)
        return self.rows[table]


@dataclass(frozen=True)
class Context:
    """What the walkers of a body need: how to read, where to write, which keys have columns."""

    reader: MessageReader | WireReader
    body: Body
    attributes: Promotion
    resource_attributes: Promotion
    received_time_ns: int


@dataclass(frozen=True)
class Resource:
    attributes: dict[str, Value]
    columns: tuple[Any, ...]
    promoted: list[tuple[str, Any]]
    strays: set[str]


@dataclass(frozen=True)
class Scope:
    name: str
    version: str
    attributes: dict[str, Value]
    columns: tuple[Any, ...]


def context(
    reader: MessageReader | WireReader, body: Body, keys: PromotedKeys, received_time_ns: int
) -> Context:
    return Context(
        reader,
        body,
        Promotion("attributes", keys.attributes),
        Promotion("resource_attributes", keys.resource_attributes),
        received_time_ns,
    )


def resource(envelope: Any, ctx: Context) -> Resource:
    """The resource of ResourceSpans and its like."""
    reader, message = ctx.reader, envelope.resource
    attributes = reader.attributes(message.attributes)
    strays: set[str] = set()
    service_name = attributes.get("service.name")
    if not isinstance(service_name, str):
        service_name = None
    others = {k: v for k, v in attributes.items() if k != "service.name" or service_name is None}
    promoted, other = ctx.resource_attributes.part(others, strays)
    columns = (
        service_name,
        other,
        message.dropped_attributes_count,
        _entity_refs(message.entity_refs, reader),
        reader.text(envelope.schema_url) or None,
    )
    return Resource(attributes, columns, promoted, strays)


def scope(envelope: Any, ctx: Context) -> Scope:
    """The scope of ScopeSpans and its like."""
    reader, message = ctx.reader, envelope.scope
    name, version = reader.text(message.name), reader.text(message.version)
    attributes = reader.attributes(message.attributes)
    columns = (
        name or None,
        version or None,
        encode_attributes(attributes),
        message.dropped_attributes_count,
        reader.text(envelope.schema_url) or None,
    )
    return Scope(name, version, attributes, columns)


def _entity_refs(refs: Any, reader: Any) -> str | None:
    if not len(refs):
        return None
    return "[" + ",".join(_entity_ref(ref, reader) for ref in refs) + "]"


def _entity_ref(ref: Any, reader: Any) -> str:
    def texts(keys: Any) -> str:
        return "[" + ",".join(encode_basestring(reader.text(key)) for key in keys) + "]"

    return (
        f'{{"schema_url":{encode_basestring(reader.text(ref.schema_url))},'
        f'"type":{encode_basestring(reader.text(ref.type))},'
        f'"id_keys":{texts(ref.id_keys)},"description_keys":{texts(ref.description_keys)}}}'
    )


def identifier(raw: bytes, size: int) -> str | None:
    """An id in hex where it is one: of the right length and not all zero."""
    return raw.hex() if len(raw) == size and any(raw) else None
