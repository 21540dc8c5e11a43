"""Where written samples go: the way of all telemetry, which is not the query layer's."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Ingest(Protocol):
    """Takes OTLP."""

    @property
    def max_body_bytes(self) -> int:
        """The most that a body may have, after decompression."""
        ...

    def room(self, size_bytes: int) -> AbstractAsyncContextManager[object]:
        """A share of what may be in flight; entering it raises Unavailable where there is none."""
        ...

    async def store_metrics(self, body: bytes) -> str:
        """Make an ExportMetricsServiceRequest durable; what of it was rejected, and why.

        Raises GoldeneyeError.
        """
        ...
