"""What kind of metric it is, in the words of `metric_series` and in those of Prometheus."""

from collections.abc import Mapping
from typing import Final, Literal

Kind = Literal[
    "gauge",
    "up_down_counter",
    "counter",
    "histogram",
    "exponential_histogram",
    "summary",
    "custom_histogram",
    "exemplars",
]
MetadataType = Literal[
    "counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset", "unknown"
]
# Under this key of a metric's metadata stands the type that a Prometheus target gave it.
TYPE_KEY: Final = "prometheus.type"
# Set where name and attributes came from Prometheus and are to go back as they are.
UNTRANSLATED_KEY: Final = "prometheus.untranslated"
# Set where points only hold exemplars that came without a sample.
EXEMPLARS_KEY: Final = "prometheus.exemplars"

_METADATA_TYPES: Final[Mapping[str, MetadataType]] = {
    "counter": "counter",
    "gauge": "gauge",
    "up_down_counter": "gauge",
    "histogram": "histogram",
    "gaugehistogram": "gaugehistogram",
    "summary": "summary",
    "info": "info",
    "stateset": "stateset",
    "unknown": "unknown",
    "exponential_histogram": "histogram",
    "custom_histogram": "histogram",
    "exemplars": "unknown",
}


def is_untranslated(metadata: Mapping[str, object]) -> bool:
    """Whether `metric_series.metadata` says that Prometheus's own names stand in the row."""
    return metadata.get(UNTRANSLATED_KEY) is True


def kind_of(type_: str, is_monotonic: bool | None, metadata: Mapping[str, object]) -> Kind:
    """`type_` is the column's word; a sum that may fall is a gauge but for its name.

    Prometheus sends the buckets of classic histograms as series, so that a histogram that came
    from it has custom buckets and is a native one.
    """
    match type_:
        case "sum":
            return "counter" if is_monotonic else "up_down_counter"
        case "histogram" if metadata.get(EXEMPLARS_KEY) is True:
            return "exemplars"
        case "histogram":
            return "custom_histogram" if is_untranslated(metadata) else "histogram"
        case "gauge" | "exponential_histogram" | "summary":
            return type_
    raise ValueError(f"{type_!r} is no type of metric_series")


def metadata_type(kind: Kind, metadata: Mapping[str, object]) -> MetadataType:
    """As `/api/v1/metadata` says it: what the target said, else what the kind is."""
    said = metadata.get(TYPE_KEY)
    if isinstance(said, str) and said in _METADATA_TYPES:
        return _METADATA_TYPES[said]
    return _METADATA_TYPES[kind]
