"""A query before the sandbox closes: whatever Python loads late is loaded by then.

The sandbox lets no module and no data file of ours be read any more.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from goldeneye.sql_files import remember
from query.prometheus.settings import PromqlSettings, as_message
from query.reads import Statement
from query.worker.answers import WRITERS
from query.worker.direct import with_sources
from query.worker.session import Session

_SQL: Final = (
    "SELECT attributes->>'http.route' AS route, count(*) AS spans "
    "FROM spans, range(2) AS numbers(number) "
    "WHERE start_time >= now() - INTERVAL 1 HOUR AND name = $name GROUP BY ALL ORDER BY 1"
)

_PROMQL: Final = (
    'histogram_quantile(0.9, sum by (le) (rate({__name__=~"a.*"}[5m]))) '
    '+ on (a) label_replace(vector(1), "a", "$1", "b", "(.*)")'
)
_QUESTIONS: Final[Sequence[Mapping[str, Any]]] = (
    {"promql": "instants", "given": {"asked": [(_PROMQL, 0, True)]}},
    {
        "promql": "query",
        "given": {"pairs": [("query", "a[5m]"), ("time", "2026-01-01T00:00:00Z")]},
    },
    {
        "promql": "query_range",
        "given": {"pairs": [("query", _PROMQL), ("start", "0"), ("end", "60"), ("step", "15s")]},
    },
    {"promql": "labels", "given": {"pairs": [("match[]", "a")]}},
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
    for package in ("goldeneye", "query.prometheus.stored", "query.service_map"):
        remember(package)
    for question in _QUESTIONS:
        _rehearse_promql(session, question)


def _rehearse_promql(session: Session, question: Mapping[str, Any]) -> None:
    settings = as_message(PromqlSettings())
    plan = session.prepare_promql(
        {**question, "settings": settings, "now_ns": 0, "timeout_s": 60.0}
    )
    tables = {
        table: {"groups": [], "hot": 0, "strays": []} for table in with_sources(plan["tables"])
    }
    session.answer_promql({"tables": tables, "missing_files": []}, [], io.BytesIO())
    session.end()
