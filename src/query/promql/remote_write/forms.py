"""As which kind of OTLP metric the samples of a series are stored."""

from enum import Enum

from query.promql.naming.families import BUCKET_LABEL
from query.promql.naming.metric_kind import MetadataType
from query.promql.remote_write.series import METRIC_NAME, Series


class Form(Enum):
    GAUGE = "gauge"
    COUNTER = "counter"
    EXPONENTIAL = "exponential"
    CUSTOM = "custom"
    # Holds exemplars that came without a sample; it is none itself.
    EXEMPLARS = "exemplars"


_CUMULATIVE_SUFFIXES: dict[MetadataType, tuple[str, ...]] = {
    "histogram": ("_bucket", "_sum", "_count"),
    "summary": ("_sum", "_count"),
    "unknown": ("_total",),
}


def form_of_floats(series: Series) -> Form:
    """What only rises is a sum. Where the type is not told, a name tells little: a total, a `le`.

    Queries are the same for both; rollups are not.
    """
    type_ = series.metadata.type
    name = series.labels[METRIC_NAME]
    if type_ == "counter" or name.endswith(_CUMULATIVE_SUFFIXES.get(type_, ())):
        return Form.COUNTER
    if type_ == "unknown" and name.endswith("_bucket") and BUCKET_LABEL in series.labels:
        return Form.COUNTER
    return Form.GAUGE
