"""`goldeneye verify`: the catalog against the files."""

from pathlib import Path

from storage.verify import rebuild_catalog as rebuild
from storage.verify import verify as verify_data


def verify(data_dir: Path, rebuild_catalog: bool) -> int:
    """Print what was found; 0 only where nothing is wrong."""
    if rebuild_catalog:
        print(rebuild(data_dir.absolute()))
    report = verify_data(data_dir.absolute())
    print(report)
    return 0 if report.ok else 1
