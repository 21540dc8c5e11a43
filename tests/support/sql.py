"""Questions to a query service, and their answers as Python values."""

import json
from typing import Any

from query.service import QueryService, SqlQuery


def answer(service: QueryService, sql: str, **more: Any) -> dict[str, Any]:
    """The JSON document."""
    with service.run(SqlQuery(sql, **more)) as found:
        document: dict[str, Any] = json.loads(found.read())
    return document


def rows(service: QueryService, sql: str, **more: Any) -> list[list[Any]]:
    found: list[list[Any]] = answer(service, sql, **more)["rows"]
    return found


def value(service: QueryService, sql: str, **more: Any) -> Any:
    """The one value of the one row."""
    [[found]] = rows(service, sql, **more)
    return found
