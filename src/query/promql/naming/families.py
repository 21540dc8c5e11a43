"""The series that one metric becomes: names, and the labels that tell buckets and quantiles."""

from enum import Enum
from functools import lru_cache
from typing import Final

from query.promql.naming.metric_kind import Kind
from query.promql.naming.metric_name import metric_name
from query.promql.naming.numbers import plain_number
from query.promql.naming.strategy import Strategy

BUCKET_LABEL: Final = "le"
QUANTILE_LABEL: Final = "quantile"
TARGET_INFO: Final = "target_info"


class Part(Enum):
    """Which of a point's values a series takes."""

    VALUE = "value"
    # One series a bucket, counting all below its `le`.
    BUCKET = "bucket"
    SUM = "sum"
    COUNT = "count"
    # One series a quantile.
    QUANTILE = "quantile"
    # A native histogram is a single sample.
    HISTOGRAM = "histogram"
    # Not a sample: the series only has exemplars.
    EXEMPLARS = "exemplars"


_PARTS: Final[dict[Kind, tuple[tuple[str, Part], ...]]] = {
    "gauge": (("", Part.VALUE),),
    "up_down_counter": (("", Part.VALUE),),
    "counter": (("", Part.VALUE),),
    "histogram": (("_bucket", Part.BUCKET), ("_sum", Part.SUM), ("_count", Part.COUNT)),
    "exponential_histogram": (("", Part.HISTOGRAM),),
    "custom_histogram": (("", Part.HISTOGRAM),),
    "exemplars": (("", Part.EXEMPLARS),),
    "summary": (("", Part.QUANTILE), ("_sum", Part.SUM), ("_count", Part.COUNT)),
}


@lru_cache(maxsize=65_536)
def series_names(name: str, unit: str, kind: Kind, strategy: Strategy) -> dict[str, Part]:
    """What an OTLP metric is queried as; nothing where it has no name in Prometheus.

    The untranslated ones (`is_untranslated`) go with `Strategy.NO_TRANSLATION`.
    """
    family = metric_name(name, unit, kind, strategy)
    if family is None:
        return {}
    return {family + suffix: part for suffix, part in _PARTS[kind]}


def bound_text(bound: float) -> str:
    """The value of `le` and `quantile`: `0.5`, `5`, `+Inf`."""
    return plain_number(bound)
