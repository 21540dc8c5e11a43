"""What is known of a metric by its name."""

import difflib
from typing import Literal, NamedTuple

from goldeneye.errors import NotFound, QueryFailed
from goldeneye.sql_files import sql
from query.asking.reader import Reader

MetricType = Literal["gauge", "sum", "histogram", "exponential_histogram", "summary"]


class Known(NamedTuple):
    """`is_monotonic` and `temporality` as of `metric_series`."""

    type: MetricType
    unit: str | None
    temporality: str | None
    is_monotonic: bool | None


def known_metric(reader: Reader, name: str, service: str | None = None) -> Known:
    """Of the metric's series, those of a service where one is named.

    Raises NotFound with the nearest names, QueryFailed where the series are of several types.
    """
    text = sql("query.metrics", "known")
    found = reader.table(text, {"name": name, "service": service}).to_pylist()
    if not found:
        raise NotFound(_missing(reader, name, service))
    if len(found) > 1:
        types = " and ".join(sorted({_described(row) for row in found}))
        raise QueryFailed(f"the metric {name!r} is {types}: narrow it to one of its services")
    return Known(**found[0])


def _described(row: dict[str, object]) -> str:
    words = (row["temporality"], row["type"], f"in {row['unit']}" if row["unit"] else None)
    return " ".join(str(word) for word in words if word)


def _missing(reader: Reader, name: str, service: str | None) -> str:
    names = reader.table(sql("query.metrics", "names")).column("name").to_pylist()
    if name in names:
        return f"the service {service!r} has no metric {name!r}"
    nearest = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(nearest)}?" if nearest else ""
    return f"there is no metric {name!r}{hint}"
