"""The questions of Prometheus's API that workers answer, by name."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from query.prometheus.asked import Asked
from query.prometheus.evaluation import instant, ranged
from query.prometheus.exemplars import query_exemplars
from query.prometheus.instants import instants
from query.prometheus.metadata import label_values, labels, metadata, series
from query.prometheus.prepared import Context, Prepared
from query.prometheus.ranges import ranges
from query.prometheus.tsdb import tsdb

_BY_PARAMETERS: Final[Mapping[str, Callable[[Asked, Context], Prepared]]] = {
    "query": instant,
    "query_range": ranged,
    "query_exemplars": query_exemplars,
    "series": series,
    "labels": labels,
    "metadata": metadata,
    "status/tsdb": tsdb,
}


def prepared(name: str, given: Mapping[str, Any], context: Context) -> Prepared:
    """The question by that name. Raises PromqlError."""
    if name == "instants":
        return instants(given["asked"], context)
    if name == "ranges":
        return ranges(given["asked"], context)
    asked = Asked([(key, value) for key, value in given["pairs"]])
    if name == "label_values":
        return label_values(asked, context, given["name"])
    return _BY_PARAMETERS[name](asked, context)
