"""What the alert engine is told: where its files are, and how often it looks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from alerting.durations import SECOND_NS
from alerting.slo.retaining import Kept


@dataclass(frozen=True)
class AlertingSettings:
    """`rule_files` and `slo_files` are patterns of file names."""

    data_dir: Path
    rule_files: tuple[str, ...] = ()
    slo_files: tuple[str, ...] = ()
    alertmanager_config: Path | None = None
    evaluation_interval_ns: int = 5 * SECOND_NS
    external_url: str = ""
    external_labels: Mapping[str, str] = field(default_factory=dict)
    kept: Kept = field(default_factory=Kept)
