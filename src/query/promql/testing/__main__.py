"""Runs test files and prints what passed: `python -m query.promql.testing FILE…`."""

import sys
from collections import Counter
from pathlib import Path

from query.promql.errors import PromqlError
from query.promql.testing.running import CLASSES, Outcome, run
from query.promql.testing.script import commands


def _print_failure(path: Path, outcome: Outcome) -> None:
    print(f"{path.name}:{outcome.line}: {outcome.kind}: {outcome.query}")
    for line in (outcome.failure or "").splitlines():
        print(f"    {line}")


def _counted(outcomes: list[Outcome], kind: str) -> tuple[int, int]:
    failures = [outcome.failure is not None for outcome in outcomes if outcome.kind == kind]
    return len(failures) - sum(failures), sum(failures)


def _run_file(path: Path) -> Counter[tuple[str, bool]]:
    outcomes = list(run(commands(path.read_text(encoding="utf-8"))))
    for outcome in outcomes:
        if outcome.failure is not None:
            _print_failure(path, outcome)
    for kind in CLASSES:
        passed, failed = _counted(outcomes, kind)
        if passed or failed:
            print(f"{path.name}: {kind}: {passed} passed, {failed} failed")
    return Counter((outcome.kind, outcome.failure is None) for outcome in outcomes)


def main(names: list[str]) -> int:
    """Print each file's counts and failures, then the totals; 1 where anything failed."""
    total: Counter[tuple[str, bool]] = Counter()
    broken = 0
    for name in names:
        try:
            total += _run_file(Path(name))
        except (OSError, PromqlError) as error:
            broken += 1
            print(f"{name}: cannot be run: {error}")
    for kind in CLASSES:
        print(f"{kind}: {total[kind, True]} passed, {total[kind, False]} failed")
    failed = sum(total[kind, False] for kind in CLASSES)
    print(f"{sum(total[kind, True] for kind in CLASSES)} passed, {failed} failed")
    return 1 if failed or broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
