"""What the storage is told when it is opened."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from goldeneye.schemas import PromotedKeys
from storage.retention import Retention
from storage.series_limits import UNBOUNDED, SeriesBounds

WalSync = Literal["group", "interval", "none"]


@dataclass(frozen=True)
class StorageSettings:
    data_dir: Path
    wal_sync: WalSync
    segment_max_bytes: int
    segment_max_age_s: float
    max_backlog_bytes: int
    max_hot_bytes: int
    min_free_bytes: int
    promoted: PromotedKeys
    retention: Retention
    series: SeriesBounds = UNBOUNDED
