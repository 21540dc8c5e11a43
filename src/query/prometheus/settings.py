"""How metrics are named for PromQL, and what a query of it may take."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from goldeneye import limits
from query.promql.naming.settings import Naming
from query.promql.naming.strategy import Strategy

# Prometheus promotes nothing by itself; without it no series would tell its service.
DEFAULT_PROMOTED: Final = ("service.name",)
_SETS: Final = ("promote_resource_attributes", "ignore_resource_attributes")
_NAMING: Final = Naming(promote_resource_attributes=frozenset(DEFAULT_PROMOTED))


@dataclass(frozen=True, slots=True)
class PromqlSettings:
    """`max_samples` bounds what a query holds at its peak, and the rows that it reads at once."""

    naming: Naming = _NAMING
    max_samples: int = limits.QUERY_MAX_SAMPLES
    lookback_ms: int = 300_000


def as_message(settings: PromqlSettings) -> dict[str, Any]:
    """For a worker, as JSON has it."""
    told = asdict(settings)
    sets = {name: sorted(told["naming"][name]) for name in _SETS}
    return {**told, "naming": {**told["naming"], **sets}}


def settings_of(message: Mapping[str, Any]) -> PromqlSettings:
    """The inverse of `as_message`."""
    told = message["naming"]
    sets = {name: frozenset(told[name]) for name in _SETS}
    naming = Naming(**{**told, **sets, "strategy": Strategy(told["strategy"])})
    return PromqlSettings(**{**message, "naming": naming})
