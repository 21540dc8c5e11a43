"""`make conformance`: runs the tests of this folder and says what became of each line.

A line whose verdict is `met` needs a test with its number, and all such tests must pass. A line
that was refused on purpose may have tests, which hold the refusal; one that does not apply has
none. Exits non-zero where anything is missing or any test fails.
"""

import csv
import re
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
VERDICTS = ("met", "refused", "n/a")


@dataclass(frozen=True)
class Line:
    number: int
    level: str
    section: str
    summary: str
    verdict: str
    reason: str


def read_lines() -> list[Line]:
    with (FOLDER / "lines.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Line(**{**row, "number": int(row["number"])}) for row in rows]  # type: ignore[arg-type]


class Results:
    """A pytest plugin: which tests of each number passed, and which did not."""

    def __init__(self) -> None:
        self.passed: dict[int, set[str]] = defaultdict(set)
        self.failed: dict[int, set[str]] = defaultdict(set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        found = re.search(r"::test_(\d{3})_", report.nodeid)
        number = int(found[1]) if found else 0
        if report.outcome != "passed":
            self.failed[number].add(report.nodeid)
        elif report.when == "call":
            self.passed[number].add(report.nodeid)

    def verdict(self, line: Line) -> tuple[str, str]:
        """What became of the line, and why where that is not `met`."""
        if self.failed[line.number]:
            return "missing", f"{len(self.failed[line.number])} of its tests failed"
        if line.verdict not in VERDICTS:
            return "missing", f"no such verdict as {line.verdict!r}"
        if line.verdict == "met" and not self.passed[line.number]:
            return "missing", "no test"
        if line.verdict == "n/a" and self.passed[line.number]:
            return "missing", "it has tests although it does not apply"
        if line.verdict != "met" and not line.reason:
            return "missing", "no reason given"
        return line.verdict, line.reason


def _print(lines: list[Line], results: Results) -> Counter[str]:
    counts: Counter[str] = Counter()
    section = ""
    for line in lines:
        if line.section != section:
            section = line.section
            print(f"\n{section}")
        verdict, reason = results.verdict(line)
        counts[verdict] += 1
        tests = len(results.passed[line.number])
        shown = f"{line.number:4} {line.level:7}{verdict:8}{tests or '':>3}  {line.summary}"
        print(f"{shown} ({reason})" if reason else shown)
    return counts


def main() -> int:
    results = Results()
    code = pytest.main(["-q", "-p", "no:cacheprovider", "-n", "0", str(FOLDER)], plugins=[results])
    lines = read_lines()
    counts = _print(lines, results)
    unknown = sorted((set(results.passed) | set(results.failed)) - {line.number for line in lines})
    for number in unknown:
        if number:
            print(f"\ntests of {number}, which is no line")
    print()
    print(", ".join(f"{counts[verdict]} {verdict}" for verdict in (*VERDICTS, "missing")))
    return int(bool(counts["missing"] or code or set(unknown) - {0}))


if __name__ == "__main__":
    sys.exit(main())
