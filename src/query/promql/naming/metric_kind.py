"""What kind of metric it is, in the words of `metric_series` and in those of Prometheus."""

from collections.abc import Mapping
from typing import Final, Literal

Kind = Literal["gauge", "counter", "histogram", "exponential_histogram", "summary"]
MetadataType = Literal[
    "counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset", "unknown"
]
# Under this key of a metric's metadata stands the type that a Prometheus target gave it.
TYPE_KEY: Final = "prometheus.type"

_METADATA_TYPES: Final[Mapping[str, MetadataType]] = {
    "counter": "counter",
    "gauge": "gauge",
    "histogram": "histogram",
    "gaugehistogram": "gaugehistogram",
    "summary": "summary",
    "info": "info",
    "stateset": "stateset",
    "unknown": "unknown",
    "exponential_histogram": "histogram",
}


def kind_of(type_: str, is_monotonic: bool | None) -> Kind:
    """`type_` is the column's word; a sum that may fall is a gauge to Prometheus."""
    match type_:
        case "sum":
            return "counter" if is_monotonic else "gauge"
        case "gauge" | "histogram" | "exponential_histogram" | "summary":
            return type_
    raise ValueError(f"{type_!r} is no type of metric_series")


def metadata_type(kind: Kind, metadata: Mapping[str, object]) -> MetadataType:
    """As `/api/v1/metadata` says it: what the target said, else what the kind is."""
    said = metadata.get(TYPE_KEY)
    if isinstance(said, str) and said in _METADATA_TYPES:
        return _METADATA_TYPES[said]
    return _METADATA_TYPES[kind]
