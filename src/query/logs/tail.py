"""Log records as they arrive, as server-sent events."""

import time
from asyncio import sleep
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

from goldeneye.errors import GoldeneyeError
from goldeneye.snapshot import HotChunk
from goldeneye.sql_files import sql
from query.asking.filter_sql import Condition
from query.asking.reader import Reader
from query.asking.statements import filled
from query.logs.arrivals import Arrivals
from query.logs.entries import entries
from query.logs.severity import word

# What one reader may leave waiting; several readers share the memory of equal rows.
MAX_WAITING_ROWS: Final = 100_000
MAX_RECORDS_AT_ONCE: Final = 1_000
# A query of a worker costs about ten milliseconds, however few rows there are.
_PAUSE_S: Final = 0.25
HEARTBEAT_S: Final = 15.0
_HEARTBEAT: Final = b":\n\n"


class Matches(NamedTuple):
    """Records that match, the first MAX_RECORDS_AT_ONCE of `found`."""

    records: Sequence[Mapping[str, Any]]
    found: int


Search = Callable[[Sequence[HotChunk]], Awaitable[Matches]]


def matches_of(reader: Reader, chunks: Sequence[HotChunk], condition: Condition) -> Matches:
    """The records of these chunks that match, in the order in which they were received."""
    statement = filled(sql("query.logs", "arrived"), {"word": word(), "condition": condition.sql})
    params = {**condition.params, "limit": MAX_RECORDS_AT_ONCE}
    table = reader.table(statement, params, chunks=chunks)
    found = table.column("found_count")[0].as_py() if len(table) else 0
    return Matches(entries(table.drop_columns(["found_count"])), found)


async def events(
    arrivals: Arrivals, search: Search, heartbeat_s: float = HEARTBEAT_S
) -> AsyncGenerator[bytes, None]:
    """`log` for each record, `skipped` with a count where some were left out; comments as signs of
    life. Ends when `arrivals` does."""
    yield b": listening\n\n"
    asked_s = 0.0
    while True:
        arrived = await arrivals.take(heartbeat_s)
        if arrivals.ended:
            return
        if not arrived.chunks:
            yield _HEARTBEAT
            continue
        await sleep(max(0.0, asked_s + _PAUSE_S - time.monotonic()))
        asked_s = time.monotonic()
        try:
            matches = await search(arrived.chunks)
        except GoldeneyeError as error:
            count = arrived.skipped + sum(chunk.row_count for chunk in arrived.chunks)
            yield _event("skipped", {"count": count, "reason": str(error)})
            continue
        skipped = arrived.skipped + matches.found - len(matches.records)
        if skipped:
            yield _event("skipped", {"count": skipped, "reason": "more came than could be sent"})
        if matches.records:
            yield b"".join(_event("log", one) for one in matches.records)


def _event(name: str, data: Mapping[str, Any]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps(data))
