"""Every bound in one place: the unit in the name, the reason beside it.

What a user may change is in the configuration (`goldeneye/config.py`); these are the defaults
and the bounds that are nobody's choice. `check` states how they must relate.
"""

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

# The OTLP specification recommends 64 MiB after decompression, for both transports.
MAX_REQUEST_BODY_BYTES: Final = 64 * MIB
# The OTLP specification's default for responses; error messages are cut long before it.
MAX_RESPONSE_BYTES: Final = 4 * MIB
# In gRPC a message travels in a header list, which clients bound at 8 KiB: once percent-encoded
# (three times its size), once in the status details and once in their field (base64).
MAX_STATUS_MESSAGE_BYTES: Final = 1_000
# What a worker says of a query that failed.
MAX_ERROR_MESSAGE_CHARS: Final = 1_000

# Items, scopes, events and entity references of one request: some take two bytes to send, and a
# hundred to hold. The native decoder has the same number (native/src/envelope.rs).
MAX_BODY_PARTS: Final = 1 << 20

# The specification lets SDKs nest attribute values 64 deep; log bodies are not limited at all.
MAX_VALUE_DEPTH: Final = 128
# One map level of a value costs four JSON levels; twelve more lead down to the deepest value.
MAX_JSON_DEPTH: Final = 4 * MAX_VALUE_DEPTH + 16

# All bodies between their first byte read and their acknowledgement, both transports together.
MAX_IN_FLIGHT_BYTES: Final = 256 * MIB
# Rows take several hundred bytes where items take as few as two: one item in flight for each of
# these of the bytes, so that with the default a million rows wait at most.
IN_FLIGHT_BYTES_PER_ITEM: Final = 256
# A request waits this long for its share of that before it is told to come again.
ADMISSION_TIMEOUT_S: Final = 2.0

# Calls under way on one connection. Exporters behind one connection queue what is beyond it.
GRPC_MAX_CONCURRENT_STREAMS: Final = 1_000
GRPC_MIN_CONCURRENT_STREAMS: Final = 100
# After a connection's age is reached, calls may end for as long as an SDK waits for one.
GRPC_MAX_CONNECTION_AGE_GRACE_S: Final = 10.0

# A client that needs longer for a request's head, or for its rest, is broken or hostile. Bodies
# of OTLP have a limit of their own (30 s), with an answer; this ends what goes on after it.
HTTP_HEAD_TIMEOUT_S: Final = 10.0
HTTP_REQUEST_TIMEOUT_S: Final = 60.0
# Tokens and baggage fit many times over.
HTTP_MAX_HEAD_BYTES: Final = 64 * KIB

# A browser that is not told asks again every 5 s; two hours is the most that Chromium keeps.
CORS_MAX_AGE_S: Final = 7_200.0

# A segment closes at whichever comes first.
WAL_SEGMENT_MAX_BYTES: Final = 64 * MIB
WAL_SEGMENT_MAX_AGE_S: Final = 10.0
# Sealed but unflushed WAL beyond this makes senders wait.
WAL_MAX_BACKLOG_BYTES: Final = 1024 * MIB
# They wait this long before they are told to come again: less than the 10 s of an SDK's export.
BACKLOG_TIMEOUT_S: Final = 5.0
# Memory of the rows that are not yet in files. Beyond it senders wait; with it, what is in flight,
# a flush, two query workers and a merge, all processes together stay below 1 GiB.
STORAGE_MAX_HOT_BYTES: Final = 256 * MIB
# Rows may take this many times their bytes in the log; where they take more, as very small items
# do, their segment closes as if the log were so much longer.
HOT_BYTES_PER_WAL_BYTE: Final = 2
# Kept back on the data disk so that flush, catalog and retention work when it is full.
STORAGE_MIN_FREE_BYTES: Final = 256 * MIB

# Below this many rows, batches in the hot buffer cost queries more than merging them does.
HOT_MERGE_ROWS: Final = 5_000
# Small batches are merged when this many have gathered, so that each costs no buffers of its own.
HOT_MERGE_BATCHES: Final = 32
# A flush writes at most this many hours as files of their own; the rest goes to files of days.
MAX_FLUSH_PARTITIONS: Final = 48
# Of DuckDB, which makes the rows of derived tables from a generation's: several times what those
# of 64 MiB of the log take.
DERIVATION_MEMORY_BYTES: Final = 256 * MIB
# Rows of a derived table that are merged at once, since merging holds them all in memory.
MAX_COMBINED_ROWS: Final = 2_000_000
# Points that are merged are sorted in runs of so much memory: several times as much is taken.
MAX_SORTED_BYTES: Final = 256 * MIB
# Attempts at writing a generation before it is set aside.
MAX_FLUSH_ATTEMPTS: Final = 3
# A body replayed from the WAL is recognised when its sender repeats it within this time.
REPLAY_DEDUPLICATION_S: Final = 600.0

# A key of attributes in so many of a merged file's rows gets a column of its own.
DENSE_PERCENT: Final = 1
# Such columns of a table's day, so that no file has more; most services have a dozen keys.
MAX_DENSE_COLUMNS_OF_DAY: Final = 64
# And of all its files, for each tenant: what asks for all attributes of a row joins them all.
MAX_DENSE_COLUMNS: Final = 256

QUERY_MEMORY_LIMIT_BYTES: Final = 1024 * MIB
QUERY_TIMEOUT_S: Final = 30.0
QUERY_MAX_ROWS: Final = 1_000_000
# What a query of PromQL holds at its peak; Prometheus's own bound.
QUERY_MAX_SAMPLES: Final = 50_000_000
# Each file is asked for each of them; with more, most files have one.
MAX_TRACES_LOOKED_UP: Final = 32
# Of files that traces are read from, in each worker; a file of a full day of promoted columns takes
# 2 MiB, and a fifth of a millisecond a MiB to be read anew.
MAX_FOOTER_BYTES: Final = 64 * MIB
# Of one trace, so that its answer takes some hundred MiB at most: a hundred times what is useful.
MAX_TRACE_SPANS: Final = 100_000
MAX_TRACE_LOGS: Final = 10_000
# Whose critical paths are walked for one answer: half a million spans, a second or two.
MAX_TRACES_EXAMINED: Final = 10_000
# Entries of one page of a list.
MAX_LIST_LENGTH: Final = 10_000
# Filters of attributes of one question: each is looked for in every row, and 1,000 took 17 s.
MAX_ATTRIBUTE_FILTERS: Final = 64
# Where rollups can answer as well, more spans than these take longer to read than people wait.
MAX_EXACT_SPANS: Final = 500_000
# Exact percentiles hold all values in memory, some 100 MiB for these.
MAX_EXACT_VALUES: Final = 10_000_000
# Files of fewer rows are soon merged: they are read together, and remembered by minutes.
MIN_REMEMBERED_ROWS: Final = 20_000
# Counts of services that are remembered of files, of 16 to 32 bytes each.
MAX_REMEMBERED_COUNTS: Final = 2_000_000
# The same of small files and of rows that are in no file; and of more such rows at once it is not
# remembered what they hold.
MAX_COUNTED_BY_PIECE: Final = 1_000_000
# Rows that statements found in files, of some ten to two hundred bytes each.
MAX_REMEMBERED_ROWS: Final = 500_000
# Log files of fewer rows are soon merged, and quickly searched.
MIN_LETTERED_ROWS: Final = 250_000
# Runs of letters of some 200,000 texts: those of more have ids in them, of which they tell nothing.
MAX_LETTERS_BYTES: Final = 256 * KIB
MAX_REMEMBERED_LETTERS_BYTES: Final = 64 * MIB
# Services that are told apart by number; with each bucket of their durations, 31 bits hold them.
MAX_NAMES: Final = 100_000
# Who sent the spans of files: instances and releases, of some 300 bytes each.
MAX_REMEMBERED_SENDERS: Final = 100_000
# A map of more spans looks at so many of them at most, those of some of the traces: their calls fit
# into the bytes below.
MAX_MAP_SPANS: Final = 12_000_000
# Calls for the service map: some three bytes a span of the files that are remembered, and eight of
# those in which a range begins or ends.
MAX_REMEMBERED_CALL_BYTES: Final = 96 * MIB
# Of more series status/tsdb does not count the labels.
MAX_COUNTED_SERIES: Final = 250_000
# Steps of a series, as many as Prometheus answers.
MAX_SERIES_STEPS: Final = 11_000
# Groups and steps of percentiles together: more is no answer that anybody reads.
MAX_PERCENTILES: Final = 50_000
# A statement longer than this is a program, not a question.
MAX_SQL_CHARS: Final = 1_000_000
# A request with it: characters of up to four bytes, escapes, and parameters.
MAX_QUERY_BODY_BYTES: Final = 8 * MIB
# A query's files and what it says; 100,000 paths fit.
MAX_QUERY_JOB_BYTES: Final = 64 * MIB
# What a worker says about its answer, or why there is none; the answer itself is in a file.
MAX_QUERY_REPLY_BYTES: Final = MIB

# Active series of a tenant and of one metric: some 32 bytes each are held to count them.
MAX_SERIES: Final = 2_000_000
MAX_SERIES_PER_METRIC: Final = 500_000

# What a template may write, and how many of its statements may run, before it counts as broken.
MAX_TEMPLATE_OUTPUT_CHARS: Final = MIB
MAX_TEMPLATE_STEPS: Final = 300_000
# Templates that call each other; Python's own stack ends soon after.
MAX_TEMPLATE_DEPTH: Final = 40

# One attempt to notify, where the receiver's configuration says nothing else: one that hangs must
# leave time for others, and a slow receiver must not be told twice.
RECEIVER_TIMEOUT_S: Final = 30.0
# Attempts under way at one integration of a receiver, a connection each: thousands of groups may be
# due at once, and no receiver serves as many.
MAX_ATTEMPTS_AT_ONCE: Final = 32
# Of what a receiver answers; lists of an issue tracker's transitions fit.
MAX_RECEIVER_ANSWER_BYTES: Final = MIB

# Events of alerts and notifications that wait while the storage refuses them, of about a KiB each.
MAX_OUTBOX_ROWS: Final = 100_000

# Stop within this, whatever is still under way: container runtimes kill after ten seconds.
SHUTDOWN_TIMEOUT_S: Final = 9.0
# Of that, what requests in flight may take; the rest is for the flush.
DRAIN_TIMEOUT_S: Final = 3.0
# And what clients may take to hear that their question was ended.
ENDED_TIMEOUT_S: Final = 1.5


def check() -> None:
    """Raise AssertionError where bounds contradict each other."""
    assert MAX_REQUEST_BODY_BYTES <= MAX_IN_FLIGHT_BYTES, "one full body must fit in flight"
    assert WAL_SEGMENT_MAX_BYTES <= WAL_MAX_BACKLOG_BYTES, "one segment must fit the backlog"
    assert MAX_DENSE_COLUMNS_OF_DAY <= MAX_DENSE_COLUMNS, "a day is one of many"
    assert MAX_SERIES_PER_METRIC <= MAX_SERIES, "a metric's series are of its tenant"
    assert MAX_VALUE_DEPTH >= 64, "the specification's default depth must survive"
    assert 4 * MAX_VALUE_DEPTH < MAX_JSON_DEPTH, "a value's depth must fit the JSON's"
