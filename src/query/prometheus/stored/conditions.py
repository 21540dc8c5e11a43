"""Which rows of a table are of these metrics and series, as SQL."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

# More ids than these take longer to hand over than rows to read that nobody wants.
MAX_IDS: Final = 50_000


@dataclass(frozen=True)
class Rows:
    """`sql` is a condition on `name` and `series_id`, `params` its values."""

    sql: str = "TRUE"
    params: dict[str, Any] = field(default_factory=dict)


def of_metrics(names: Collection[str]) -> Rows:
    """By the metrics' own names in OTLP."""
    distinct = sorted(set(names))
    places = ", ".join(f"$name_{number}" for number in range(len(distinct)))
    params = {f"name_{number}": name for number, name in enumerate(distinct)}
    return Rows(f"name IN ({places})" if distinct else "FALSE", params)


def between(rows: Rows, ids: NDArray[Any]) -> Rows:
    """Of the rows those from the first to the last of the ids."""
    bounds = {"first_id": int(ids.min()), "last_id": int(ids.max())}
    return Rows(f"{rows.sql} AND series_id BETWEEN $first_id AND $last_id", rows.params | bounds)


def of_series(rows: Rows, ids: NDArray[Any], among: int) -> Rows:
    """Of the rows those of some series, where they are few among so many; else all."""
    if len(ids) > MAX_IDS or len(ids) * 2 > among:
        return rows
    listed: list[int] = ids.astype(np.uint64).tolist()
    places = ", ".join(f"$id_{number}" for number in range(len(listed)))
    if len(listed) <= 1:
        params = {f"id_{number}": one for number, one in enumerate(listed)}
        return Rows(f"{rows.sql} AND series_id IN ({places})", {**rows.params, **params})
    some = "series_id IN (SELECT unnest(CAST($ids AS UBIGINT[])))"
    return Rows(f"{rows.sql} AND {some}", {**rows.params, "ids": listed})
