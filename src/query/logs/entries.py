"""Log records as answers show them."""

from typing import Any, Final

import pyarrow as pa

from query.asking.plain import records
from query.logs.severity import UNSPECIFIED

_JSON: Final = ("body", "attributes", "resource_attributes")


def entries(table: pa.Table) -> list[dict[str, Any]]:
    """One object per row of sql/entries.sql.

    `severity_number` and `severity_text` are as sent; `severity` is the level, derived from the
    texts where the number says nothing.
    """
    found = records(table, _JSON)
    for one in found:
        unsaid = not one["severity_number"] or one["severity_number"] < 0
        one["severity_derived"] = unsaid and one["severity"] != UNSPECIFIED
    return found
