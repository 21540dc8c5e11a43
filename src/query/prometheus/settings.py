"""How metrics are named for PromQL, and what a query of it may take."""

from dataclasses import dataclass
from typing import Final

from goldeneye import limits
from query.promql.naming.settings import Naming

# Prometheus promotes nothing by itself; without it no series would tell its service.
DEFAULT_PROMOTED: Final = ("service.name",)
_NAMING: Final = Naming(promote_resource_attributes=frozenset(DEFAULT_PROMOTED))


@dataclass(frozen=True, slots=True)
class PromqlSettings:
    """`max_samples` bounds what one selector reads and what one intermediate result holds."""

    naming: Naming = _NAMING
    max_samples: int = limits.QUERY_MAX_SAMPLES
    lookback_ms: int = 300_000
