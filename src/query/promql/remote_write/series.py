"""What a request says of one series, whichever message it came in."""

from dataclasses import dataclass, field
from typing import Final

from query.promql.naming.metric_kind import MetadataType
from query.promql.remote_write.proto.goldeneye.remote_write.v1 import write_pb2 as v1
from query.promql.remote_write.proto.goldeneye.remote_write.v2 import write_pb2 as v2

METRIC_NAME: Final = "__name__"
TYPES: Final[tuple[MetadataType, ...]] = (
    "unknown",
    "counter",
    "gauge",
    "histogram",
    "gaugehistogram",
    "summary",
    "info",
    "stateset",
)

WireHistogram = v1.Histogram | v2.Histogram


@dataclass(frozen=True, slots=True)
class Metadata:
    """Of a metric family."""

    type: MetadataType = "unknown"
    help: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """Times are milliseconds since the Unix epoch; a start of 0 is none."""

    value: float
    time_ms: int
    start_ms: int


@dataclass(frozen=True, slots=True)
class HistogramSample:
    wire: WireHistogram
    start_ms: int


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A time of 0 is none."""

    labels: dict[str, str]
    value: float
    time_ms: int


@dataclass(slots=True)
class Series:
    """`labels` are sorted by name, valid, and none is empty."""

    labels: dict[str, str]
    metadata: Metadata
    samples: list[Sample] = field(default_factory=list)
    histograms: list[HistogramSample] = field(default_factory=list)
    exemplars: list[Exemplar] = field(default_factory=list)
