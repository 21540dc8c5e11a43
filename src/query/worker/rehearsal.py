"""A query before the sandbox closes: whatever Python loads late is loaded by then.

The sandbox lets no module and no data file of ours be read any more.
"""

import io
from dataclasses import asdict
from typing import Any, Final

from query.reads import Statement
from query.worker.answers import WRITERS
from query.worker.session import Session

_SQL: Final = (
    "SELECT attributes->>'http.route' AS route, count(*) AS spans "
    "FROM spans, range(2) AS numbers(number) "
    "WHERE start_time >= now() - INTERVAL 1 HOUR AND name = $name GROUP BY ALL ORDER BY 1"
)


def rehearse(session: Session) -> None:
    """Run a query in each format, before `session.lock`."""
    query = {"sql": _SQL, "params": {"name": "x"}, "start_ns": None, "end_ns": None, "now_ns": 0}
    tables: dict[str, Any] = {"spans": {"groups": [], "hot": 0, "strays": []}}
    for form in WRITERS:
        session.prepare(query)
        job = {"format": form, "max_rows": 1, "tables": tables}
        facts: dict[str, Any] = {"files_read": 0, "missing_files": []}
        session.run({**query, **job, **facts}, [], io.BytesIO())
        session.end()
    statement = asdict(Statement("FROM spans", {"spans": None}))
    read = {**query, "statements": [statement], "max_rows": 1, "tables": tables}
    session.read(read, [], io.BytesIO())
    session.end()
