"""What is read of spans and of rollups, and which spans are requests to their service."""

from typing import Final

# Of servers, of consumers, and roots whatever their kind.
ENTRY_SQL: Final = "(kind IN ('server', 'consumer') OR is_root)"
# What is read of each table.
READ_COLUMNS: Final = {
    "spans": (
        *("start_time", "received_time", "service_name", "name", "kind", "status_code"),
        *("parent_span_id", "trace_state", "duration_ns"),
    ),
    "span_rollups": (
        *("minute", "service_name", "name", "kind", "status_code", "is_root", "bucket"),
        *("count", "adjusted_count"),
    ),
}
