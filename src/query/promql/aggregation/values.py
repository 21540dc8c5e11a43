"""count_values: how often each value occurs."""

import numpy as np

from query.promql.aggregation.groups import group_labels
from query.promql.errors import PromqlError
from query.promql.frame import Frame
from query.promql.labels import Labels, is_valid_name, quoted, with_label
from query.promql.numbers import plain
from query.promql.samples import Bools, Floats
from query.promql.tree import Aggregate
from query.promql.vector import Vector


def count_values(node: Aggregate, frame: Frame, vector: Vector) -> Vector:
    """For each group and value the number of samples, the value written into a label."""
    assert node.parameter is not None
    name = frame.text(node.parameter)
    if not is_valid_name(name):
        raise PromqlError(f"invalid label name {quoted(name)}")
    counted: dict[Labels, Floats] = {}
    dropped: dict[Labels, bool] = {}
    for row, labels in enumerate(vector.labels):
        group = group_labels(node, labels)
        for text, cells in _texts(vector, row):
            key = with_label(group, name, text)
            dropped.setdefault(key, bool(vector.drop_name[row]))
            counted[key] = counted.get(key, np.zeros(frame.grid.count)) + cells
    values = np.array(list(counted.values())).reshape(len(counted), frame.grid.count)
    flags = np.array(list(dropped.values()), dtype=np.bool_)
    return Vector(list(counted), values, values > 0, flags)


def _texts(vector: Vector, row: int) -> list[tuple[str, Bools]]:
    """What is written for the row's samples, and where."""
    here, values = vector.floats_present[row], vector.values[row]
    # By their bits: 0 and -0 are two texts. All that is no number is one.
    bits = np.where(np.isnan(values), np.nan, values).view(np.int64)
    found = [
        (plain(float(np.int64(one).view(np.float64))), here & (bits == one))
        for one in np.unique(bits[here])
    ]
    if vector.histograms is not None:
        cells, natives = vector.histograms[row], vector.histograms_present[row]
        texts = np.array([str(cell) for cell in cells], dtype=np.object_)
        found += [(text, natives & (texts == text)) for text in sorted(set(texts[natives]))]
    return found


AGGREGATIONS = {"count_values": count_values}
