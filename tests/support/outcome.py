"""What a decoder makes of one protobuf body that is not refused."""

from dataclasses import dataclass
from typing import Any

from support.batches import rows
from support.decoders import decode, warnings
from support.otlp_values import REQUESTS

from goldeneye.decoded import Decoder
from goldeneye.schemas import Signal


@dataclass(frozen=True)
class Outcome:
    """Rows by table, and how often each reason and warning was given."""

    tables: dict[str, list[dict[str, Any]]]
    rejected: dict[str, int]
    warnings: dict[str, int]

    def rows(self, table: str) -> list[dict[str, Any]]:
        return self.tables.get(table, [])

    def row(self, table: str) -> dict[str, Any]:
        (found,) = self.rows(table)
        return found


def of(decoder: Decoder, signal: Signal, body: Any) -> Outcome:
    """`body` is a request, or the bytes of one."""
    raw = body if isinstance(body, bytes) else body.SerializeToString()
    decoded = decode(decoder, signal, "protobuf", [raw])
    (result,) = decoded.results
    assert result.error is None
    tables = {table: rows(batch) for table, batch in decoded.batches.items()}
    return Outcome(tables, dict(result.rejected), warnings(result))


def refusal(decoder: Decoder, signal: Signal, body: bytes) -> str:
    """Why the body is refused: nothing of it is taken."""
    decoded = decode(decoder, signal, "protobuf", [body])
    (result,) = decoded.results
    assert not decoded.batches
    assert (result.accepted, result.rejected_count) == (0, 0)
    assert result.error
    return result.error


def request(signal: Signal, *items: Any) -> Any:
    """Spans, records or metrics in one envelope."""
    found = REQUESTS[signal]()
    if signal == "traces":
        found.resource_spans.add().scope_spans.add().spans.extend(items)
    elif signal == "logs":
        found.resource_logs.add().scope_logs.add().log_records.extend(items)
    else:
        found.resource_metrics.add().scope_metrics.add().metrics.extend(items)
    return found
