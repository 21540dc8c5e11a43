"""Labels worked out once for each combination are those that each series has for itself."""

from typing import Any

import orjson
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from query.prometheus.stored.translating import FAMILY, SCOPE, Translator
from query.promql.labels import from_mapping
from query.promql.naming.labels import series_labels, target_info_labels
from query.promql.naming.settings import Naming, Scope
from query.promql.naming.strategy import Strategy

KEYS = st.sampled_from(["a.b", "a_b", "job", "service.name", "env", "_", "1st", "otel_scope_name"])
VALUES = st.one_of(
    st.sampled_from(["", "x", "y;z", "\0" + "0"]),
    st.integers(-5, 5),
    st.booleans(),
    st.sampled_from([{"$double": "NaN"}, [1, "x"], 1.5]),
)
ATTRIBUTES = st.dictionaries(KEYS, VALUES, max_size=5)
ROWS = st.lists(st.tuples(ATTRIBUTES, ATTRIBUTES, st.sampled_from(["", "lib"])), min_size=1)


@settings(max_examples=60)
@given(ROWS, st.booleans(), st.sampled_from(list(Strategy)))
def test_as_one_by_one(
    rows: list[tuple[dict[str, Any], dict[str, Any], str]], with_scope: bool, strategy: Strategy
) -> None:
    promoted = frozenset({"env", "service.name", "a.b"})
    naming = Naming(strategy, promoted, promote_scope_metadata=with_scope)
    batch = pa.RecordBatch.from_pylist([_row(*row) for row in rows])
    found = list(Translator(naming).series(batch))
    for series, (own, resource, scope) in zip(found, rows, strict=True):
        assert series.labels == from_mapping(series_labels(own, resource, Scope(scope), naming))
        assert series.target == from_mapping(target_info_labels(resource, naming) or {})
        assert series.family.name == "m"


def _row(own: dict[str, Any], resource: dict[str, Any], scope: str) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys((*FAMILY, *SCOPE))
    return row | {
        "name": "m",
        "type": "gauge",
        "scope_name": scope,
        "attributes": orjson.dumps(own, option=orjson.OPT_SORT_KEYS).decode() if own else None,
        "resource_attributes": orjson.dumps(resource, option=orjson.OPT_SORT_KEYS).decode(),
    }
