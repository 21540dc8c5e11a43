"""Labels of exemplars."""

from collections.abc import Mapping
from typing import Final

from query.promql.naming.attribute_text import attribute_text

# OpenMetrics' bound, on names and values together.
MAX_CHARS: Final = 128


def exemplar_labels(
    trace_id: str | None, span_id: str | None, attributes: Mapping[str, object]
) -> dict[str, str]:
    """The ids; and the attributes, named as sent, where all together are short enough."""
    ids = {"trace_id": trace_id, "span_id": span_id}
    labels = {name: value for name, value in ids.items() if value}
    told = {key: attribute_text(value) for key, value in attributes.items()} | labels
    if sum(len(name) + len(value) for name, value in told.items()) > MAX_CHARS:
        return labels
    return told
