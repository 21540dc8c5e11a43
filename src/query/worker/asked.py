"""Which columns a query can see, so that views are made of no others.

Views of all 130 columns cost a query 45 ms, with the two attributes objects among them, and those
of the columns that it names 10 ms.
"""

from collections.abc import Iterator
from typing import Any, Final

from goldeneye.schemas import PromotedKeys, table
from query.analysis.statement import Node, children, fold
from query.analysis.tables import base_tables

# They see columns that are not named: *, COLUMNS(…), #3; DESCRIBE; PIVOT, which groups by the rest.
_CLASSES: Final = frozenset({"STAR", "POSITIONAL_REFERENCE"})
_TYPES: Final = frozenset({"SHOW_REF", "PIVOT"})
# What the views' own SQL reads (sql/*.sql), folded.
READ_BY_METRICS: Final = frozenset({b"series_id", b"day", b"name", b"time", b"received_time"})
_OF_SPANS: Final = frozenset({b"trace_id", b"span_id", b"service_name", b"name", b"start_time"})
_OF_WALKS: Final = frozenset({b"parent_span_id", b"kind", b"end_time", b"status_code"})
_READ_BY_VIEWS: Final = {
    b"metrics": READ_BY_METRICS,
    b"span_events": _OF_SPANS | {b"events"},
    b"span_links": _OF_SPANS | {b"links"},
    b"critical_path_sections": _OF_SPANS | _OF_WALKS,
    b"traces": frozenset(name.encode() for name in table("trace_parts", PromotedKeys()).names),
}


class _Everything(Exception):
    """Columns may be seen that are not named."""


def asked_columns(root: Node) -> frozenset[bytes] | None:
    """The names, folded, of all columns that the query can see, and some that are none.

    None where it may see columns that it does not name. `root` is a statement's tree.
    """
    references = list(base_tables(root))
    if any(len(reference["qualified_name"]["path"]) > 1 for reference in references):
        return None  # of information_schema
    # A table's name alone is its whole row.
    tables = {fold(reference[key]) for reference in references for key in ("alias", "table_name")}
    views = {name for table in tables for name in _READ_BY_VIEWS.get(table, ())}
    try:
        return frozenset([*views, *_names(root, tables)])
    except _Everything:
        return None


def _names(node: Any, tables: set[bytes]) -> Iterator[bytes]:
    if isinstance(node, dict):
        if node.get("class") in _CLASSES or node.get("type") in _TYPES:
            raise _Everything
        if node.get("ref_type") == "NATURAL" or node.get("column_name_alias"):
            raise _Everything
        path = [fold(name) for name in node.get("column_names") or ()]
        if len(path) == 1 and path[0] in tables:
            raise _Everything
        yield from path
        yield from (fold(name) for name in node.get("using_columns") or ())
    for child in children(node):
        yield from _names(child, tables)
