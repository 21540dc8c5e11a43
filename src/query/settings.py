"""What the query layer may use, and where the data is."""

from dataclasses import dataclass, field
from pathlib import Path

from query.prometheus.settings import PromqlSettings


@dataclass(frozen=True)
class QuerySettings:
    """`memory_limit_bytes` and `threads` are each worker's; `max_rows` bounds each answer.

    `wait_s` is how long a query may wait for a worker, by default as long as it may run;
    `section` is where the configuration has the number of workers.
    """

    data_dir: Path
    memory_limit_bytes: int
    threads: int
    timeout_s: float
    max_rows: int
    workers: int
    services_file: Path | None = None
    promql: PromqlSettings = field(default_factory=PromqlSettings)
    wait_s: float | None = None
    section: str = "query"

    @property
    def longest_wait_s(self) -> float:
        return self.timeout_s if self.wait_s is None else self.wait_s

    @property
    def files_dir(self) -> Path:
        """Where the committed Parquet files are; all that a worker may read."""
        return self.data_dir / "files"
