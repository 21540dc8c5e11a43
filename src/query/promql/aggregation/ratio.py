"""limit_ratio: a share of the series, chosen by the hash of their labels."""

import numpy as np
import xxhash

from query.promql.annotations import invalid_ratio
from query.promql.errors import PromqlError
from query.promql.frame import Frame
from query.promql.labels import Labels
from query.promql.samples import Floats
from query.promql.tree import Aggregate
from query.promql.vector import Vector

_LONG = 255


def _sized(text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    if len(data) < _LONG:
        return bytes([len(data)]) + data
    return bytes([_LONG]) + len(data).to_bytes(3, "little") + data


def offset(labels: Labels) -> float:
    """Where between 0 and 1 a series lies, the same as in Prometheus."""
    data = b"".join(_sized(name) + _sized(value) for name, value in labels)
    return xxhash.xxh64_intdigest(data) / float((1 << 64) - 1)


def _ratios(node: Aggregate, frame: Frame) -> Floats:
    assert node.parameter is not None
    wanted = frame.scalar(node.parameter)
    for value in np.unique(wanted).tolist():
        if value != value:
            raise PromqlError("Ratio value is NaN")
        if abs(value) > 1:
            text = invalid_ratio(value, 1.0 if value > 0 else -1.0)
            frame.query.annotations.warn(text, node.parameter.position)
    return np.clip(wanted, -1.0, 1.0)


def limit_ratio(node: Aggregate, frame: Frame, vector: Vector) -> Vector:
    """Series below the ratio, or for a negative one the others."""
    ratios = _ratios(node, frame)
    places = np.array([offset(labels) for labels in vector.labels]).reshape(-1, 1)
    keep = np.where(ratios >= 0, places < ratios, places >= 1.0 + ratios)
    return vector.where(keep).compact()


AGGREGATIONS = {"limit_ratio": limit_ratio}
