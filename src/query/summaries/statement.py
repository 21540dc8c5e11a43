"""The statement that counts rollups."""

from typing import Final

from goldeneye.sql_files import sql
from query.asking.statements import filled
from query.percentiles.entries import ENTRY_SQL

TABLE: Final = "span_rollups"


def rollup_counts_sql(keys: str, order: str) -> str:
    """By `keys`, each with a comma behind it, besides service, entry and bucket."""
    parts = {"keys": keys, "is_entry": ENTRY_SQL, "order": f"ORDER BY {order}" if order else ""}
    return filled(sql("query.summaries", "rollup_counts"), parts)
