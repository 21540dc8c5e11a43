"""What the query layer may use, and where the data is."""

from dataclasses import dataclass, field
from pathlib import Path

from query.prometheus.settings import PromqlSettings


@dataclass(frozen=True)
class QuerySettings:
    """`memory_limit_bytes` and `threads` are each worker's; `max_rows` bounds each answer."""

    data_dir: Path
    memory_limit_bytes: int
    threads: int
    timeout_s: float
    max_rows: int
    workers: int
    services_file: Path | None = None
    promql: PromqlSettings = field(default_factory=PromqlSettings)

    @property
    def files_dir(self) -> Path:
        """Where the committed Parquet files are; all that a worker may read."""
        return self.data_dir / "files"
