"""label_replace and label_join."""

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from query.promql.errors import PromqlError
from query.promql.frame import Frame
from query.promql.labels import METRIC_NAME, get, is_valid_name, with_label
from query.promql.merging import merged
from query.promql.regex import BadRegex, captures
from query.promql.tree import Call
from query.promql.vector import Vector

_REFERENCE = re.compile(r"\$(?:\{(\w+)\}|(\w+)|(\$))", re.ASCII)


def expanded(template: str, groups: Mapping[str, str], whole: str) -> str:
    """A template with `$1`, `${1}`, `$name` and `$$` filled in; unknown groups are empty."""

    def group(reference: re.Match[str]) -> str:
        name = reference.group(1) or reference.group(2)
        if name is None:
            return "$"
        return whole if name == "0" else groups.get(name, "")

    return _REFERENCE.sub(group, template)


def _captured(text: str, values: list[str]) -> dict[str, dict[str, str] | None]:
    distinct = sorted(set(values))
    try:
        return dict(zip(distinct, captures(text, distinct), strict=True))
    except BadRegex as error:
        raise PromqlError(f"invalid regular expression in label_replace(): {text}") from error


def label_replace(call: Call, frame: Frame) -> Vector:
    """Set a label from a template where another label matches as a whole."""
    vector = frame.vector(call.arguments[0])
    target, template, source, text = (frame.text(node) for node in call.arguments[1:])
    values = [get(labels, source) for labels in vector.labels]
    captured = _captured(text, values)
    if not is_valid_name(target):
        raise PromqlError(f"invalid destination label name in label_replace(): {target}")
    labels, dropped = list(vector.labels), vector.drop_name.copy()
    for row, value in enumerate(values):
        groups = captured[value]
        if groups is not None:
            labels[row] = with_label(labels[row], target, expanded(template, groups, value))
            dropped[row] &= target != METRIC_NAME
    return merged(replace(vector, labels=labels, drop_name=dropped))


def label_join(call: Call, frame: Frame) -> Vector:
    """Set a label to other labels' values, joined."""
    vector = frame.vector(call.arguments[0])
    target, separator, *sources = (frame.text(node) for node in call.arguments[1:])
    for source in sources:
        if not is_valid_name(source):
            raise PromqlError(f"invalid source label name in label_join(): {source}")
    if not is_valid_name(target):
        raise PromqlError(f"invalid destination label name in label_join(): {target}")
    labels = [
        with_label(old, target, separator.join(get(old, source) for source in sources))
        for old in vector.labels
    ]
    dropped = np.zeros_like(vector.drop_name) if target == METRIC_NAME else vector.drop_name
    return merged(replace(vector, labels=labels, drop_name=dropped))


FUNCTIONS = {"label_replace": label_replace, "label_join": label_join}
