"""What of the translation can be chosen: the members of Prometheus's `otlp` configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from query.promql.naming.strategy import Strategy


@dataclass(frozen=True, slots=True)
class Naming:
    """The defaults are Prometheus's.

    With `promote_all_resource_attributes`, those of `ignore_resource_attributes` stay out; without
    it, those of `promote_resource_attributes` become labels of every series.
    """

    strategy: Strategy = Strategy.UNDERSCORE_ESCAPING_WITH_SUFFIXES
    promote_resource_attributes: frozenset[str] = field(default_factory=frozenset)
    promote_all_resource_attributes: bool = False
    ignore_resource_attributes: frozenset[str] = field(default_factory=frozenset)
    keep_identifying_resource_attributes: bool = False
    promote_scope_metadata: bool = False

    def promotes(self, key: str) -> bool:
        if self.promote_all_resource_attributes:
            return key not in self.ignore_resource_attributes
        return key in self.promote_resource_attributes


@dataclass(frozen=True, slots=True)
class Scope:
    """Of a series; attributes as read from canonical JSON."""

    name: str = ""
    version: str = ""
    schema_url: str = ""
    attributes: Mapping[str, object] = field(default_factory=dict)
