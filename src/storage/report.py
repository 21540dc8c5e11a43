"""What a look over a data folder found, in words."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Report:
    """What was found; `problems` are data that is missing, damaged or not reachable."""

    data_dir: Path
    file_count: int = 0
    row_count: int = 0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems

    def __str__(self) -> str:
        lines = [f"{self.data_dir}: {self.file_count} files with {self.row_count} rows"]
        lines += [f"problem: {text}" for text in self.problems]
        lines += [f"note: {text}" for text in self.notes]
        lines.append("Everything is in order." if self.ok else f"{len(self.problems)} problems.")
        return "\n".join(lines)
