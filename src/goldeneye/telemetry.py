"""What Goldeneye measures of itself: one registry, exposed at /metrics.

Names follow Prometheus: a unit suffix, `_total` for counters.
"""

from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)

# Each counter would have a second series, of when it began.
disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY: Final = CollectorRegistry(auto_describe=True)
_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

ITEMS_ACCEPTED = Counter(
    "goldeneye_receiver_accepted_items",
    "Spans, log records and data points made durable and acknowledged.",
    ["signal", "transport"],
    registry=REGISTRY,
)
ITEMS_REJECTED = Counter(
    "goldeneye_receiver_rejected_items",
    "Items of accepted requests that were invalid and left out, by reason.",
    ["signal", "transport", "reason"],
    registry=REGISTRY,
)
ITEMS_REFUSED = Counter(
    "goldeneye_receiver_refused_items",
    "Items of requests that were read and refused whole, by the request's outcome.",
    ["signal", "transport", "reason"],
    registry=REGISTRY,
)
WARNINGS = Counter(
    "goldeneye_receiver_warnings",
    "Oddities that were tolerated, by kind.",
    ["signal", "transport", "warning"],
    registry=REGISTRY,
)
REQUESTS = Counter(
    "goldeneye_receiver_requests",
    "Requests answered, by outcome: ok, partial, invalid, too_large, unauthenticated, forbidden, "
    "unavailable, error. The signal is none where the path or method tells none.",
    ["signal", "transport", "outcome"],
    registry=REGISTRY,
)
REQUEST_SECONDS = Histogram(
    "goldeneye_receiver_request_duration_seconds",
    "From the request's head to its answer.",
    ["signal", "transport"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
DECODE_SECONDS = Histogram(
    "goldeneye_receiver_decode_duration_seconds",
    "Decoding one group of waiting bodies.",
    ["signal"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
IN_FLIGHT_BYTES = Gauge(
    "goldeneye_receiver_in_flight_bytes",
    "Bodies between admission and acknowledgement.",
    registry=REGISTRY,
)
IN_FLIGHT_ITEMS = Gauge(
    "goldeneye_receiver_in_flight_items",
    "Items between the end of their request and its acknowledgement.",
    registry=REGISTRY,
)
SLOW_DECODER = Gauge(
    "goldeneye_receiver_slow_decoder",
    "1 where the native decoder is not installed and the slow one serves.",
    registry=REGISTRY,
)
FRESHNESS_SECONDS = Histogram(
    "goldeneye_receiver_freshness_seconds",
    "From a request's last byte to its items being durable and in the answers of queries.",
    ["signal"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
WAL_SYNC_SECONDS = Histogram(
    "goldeneye_storage_wal_sync_duration_seconds",
    "One fdatasync of the write-ahead log.",
    buckets=_SECONDS,
    registry=REGISTRY,
)
WAL_UNFLUSHED_BYTES = Gauge(
    "goldeneye_storage_wal_unflushed_bytes",
    "WAL bytes whose rows are not yet in files.",
    registry=REGISTRY,
)
ACTIVE_SERIES = Gauge(
    "goldeneye_storage_active_series",
    "Series with points in this hour or the one before, as the limits of series count them.",
    ["tenant"],
    registry=REGISTRY,
)
UNFLUSHED_AGE_SECONDS = Gauge(
    "goldeneye_storage_unflushed_age_seconds",
    "How long the oldest rows that are not yet in files have been waiting.",
    registry=REGISTRY,
)
HOT_BYTES = Gauge(
    "goldeneye_storage_hot_bytes",
    "Memory of the rows that are not yet in files.",
    registry=REGISTRY,
)
BACKLOG_WAIT_SECONDS = Histogram(
    "goldeneye_storage_backlog_wait_duration_seconds",
    "How long requests waited until there was room for their rows.",
    buckets=_SECONDS,
    registry=REGISTRY,
)
DISK_FREE_BYTES = Gauge(
    "goldeneye_storage_disk_free_bytes",
    "What is free on the data folder's disk; NaN where it cannot be told.",
    registry=REGISTRY,
)
FLUSH_SECONDS = Histogram(
    "goldeneye_storage_flush_duration_seconds",
    "Writing and committing one generation.",
    buckets=_SECONDS,
    registry=REGISTRY,
)
FLUSH_FAILURES = Counter(
    "goldeneye_storage_flush_failures",
    "Attempts at writing a generation that failed.",
    registry=REGISTRY,
)
QUARANTINED = Counter(
    "goldeneye_storage_quarantined_generations",
    "Generations set aside after repeated failures to write them.",
    registry=REGISTRY,
)
FILES = Gauge(
    "goldeneye_storage_files",
    "Committed Parquet files.",
    ["table"],
    registry=REGISTRY,
)
FILE_BYTES = Gauge(
    "goldeneye_storage_file_bytes",
    "Bytes of committed Parquet files.",
    ["table"],
    registry=REGISTRY,
)
COMPACTED_FILES = Counter(
    "goldeneye_storage_compacted_files",
    "Files that were merged into others.",
    ["table"],
    registry=REGISTRY,
)
COMPACTED_BYTES = Counter(
    "goldeneye_storage_compacted_bytes",
    "Bytes of the files that merging made.",
    ["table"],
    registry=REGISTRY,
)
COMPACTION_FAILURES = Counter(
    "goldeneye_storage_compaction_failures",
    "Attempts to merge files or to roll up metrics that failed; the files stay as they are.",
    registry=REGISTRY,
)
RECORDED_SAMPLES_LEFT_OUT = Counter(
    "goldeneye_rules_left_out_samples",
    "Samples of recording rules that could not be stored: histograms with parts of counts, or "
    "negative ones.",
    registry=REGISTRY,
)
TRACE_FILTER_FAILURES = Counter(
    "goldeneye_storage_trace_filter_failures",
    "Files of which no filter of trace ids, or a damaged one, was there to ask; they are read.",
    registry=REGISTRY,
)
UNDERIVED_ROWS = Counter(
    "goldeneye_storage_underived_rows",
    "Rows in files that a table derived from theirs does not count, because they did not fit.",
    ["table"],
    registry=REGISTRY,
)
RETIRED_FILES = Counter(
    "goldeneye_storage_retired_files",
    "Files that retention let go.",
    ["table"],
    registry=REGISTRY,
)
RETIRED_BYTES = Counter(
    "goldeneye_storage_retired_bytes",
    "Bytes of files that retention let go.",
    ["table"],
    registry=REGISTRY,
)
QUERIES = Counter(
    "goldeneye_query_queries",
    "SQL queries answered, by outcome: ok, refused, failed, over_budget.",
    ["outcome"],
    registry=REGISTRY,
)
QUERY_SECONDS = Histogram(
    "goldeneye_query_duration_seconds",
    "From the SQL to its whole answer.",
    buckets=_SECONDS,
    registry=REGISTRY,
)
NOTIFICATIONS = Counter(
    "goldeneye_alerting_notifications",
    "Notifications by the kind of their receiver, and their outcome: ok, failed.",
    ["kind", "outcome"],
    registry=REGISTRY,
)
NOTIFICATION_ATTEMPTS = Counter(
    "goldeneye_alerting_notification_attempts",
    "Attempts to notify; several where a receiver did not answer at once.",
    ["kind", "outcome"],
    registry=REGISTRY,
)
NOTIFICATION_TEMPLATE_ERRORS = Counter(
    "goldeneye_alerting_notification_template_errors",
    "Templates of notifications that failed; their error was sent in the place of their text.",
    ["kind"],
    registry=REGISTRY,
)
NOTIFICATION_SECONDS = Histogram(
    "goldeneye_alerting_notification_duration_seconds",
    "One notification, with its attempts and the pauses between them.",
    ["kind"],
    buckets=(*_SECONDS, 30, 60, 120, 300),
    registry=REGISTRY,
)
NOTIFICATIONS_WAITING = Gauge(
    "goldeneye_alerting_waiting_notifications",
    "Notifications that wait until fewer are under way at their receiver.",
    registry=REGISTRY,
)
OUTBOX_ROWS = Gauge(
    "goldeneye_alerting_outbox_rows",
    "Events of alerts and notifications that wait until the storage takes them.",
    registry=REGISTRY,
)
OUTBOX_DROPPED = Counter(
    "goldeneye_alerting_outbox_dropped_rows",
    "The oldest of them, dropped where too many waited; what is told of alerts does not change.",
    registry=REGISTRY,
)
RELOAD_FAILURES = Counter(
    "goldeneye_reload_failures",
    "Changed files that could not be used; the last good ones stay.",
    ["what"],
    registry=REGISTRY,
)
RULE_EVALUATIONS = Counter(
    "goldeneye_alerting_rule_evaluations",
    "Evaluations of rules, by their group.",
    ["rule_group"],
    registry=REGISTRY,
)
RULE_EVALUATIONS_MISSED = Counter(
    "goldeneye_alerting_rule_group_evaluations_missed",
    "Times of a group that nobody came to, since the one before took too long.",
    ["rule_group"],
    registry=REGISTRY,
)
RULE_FAILURES = Counter(
    "goldeneye_alerting_rule_failures",
    "Evaluations of a rule that failed.",
    ["rule_group", "rule"],
    registry=REGISTRY,
)
RULE_TEMPLATE_ERRORS = Counter(
    "goldeneye_alerting_rule_template_errors",
    "Templates of labels and annotations that failed; their error is in the place of their text.",
    ["rule_group", "rule"],
    registry=REGISTRY,
)
RULE_EVALUATION_SECONDS = Histogram(
    "goldeneye_alerting_rule_group_evaluation_duration_seconds",
    "One evaluation of all rules of a group.",
    buckets=(*_SECONDS, 30, 60),
    registry=REGISTRY,
)
SLO_COUNT_SECONDS = Histogram(
    "goldeneye_alerting_slo_count_duration_seconds",
    "Counting the newest minutes of all SLOs, and a part of their past.",
    buckets=_SECONDS,
    registry=REGISTRY,
)
SLO_FAILURES = Counter(
    "goldeneye_alerting_slo_failures",
    "Counts of an SLO that failed.",
    ["slo"],
    registry=REGISTRY,
)
