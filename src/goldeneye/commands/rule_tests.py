"""`goldeneye test rules FILE…`: promtool's unit tests, on our rule engine."""

import re
import sys
from collections.abc import Sequence
from glob import glob
from pathlib import Path

from alerting.rules.definitions import Group
from alerting.rules.loading import load as load_rules
from goldeneye.errors import ConfigurationError
from goldeneye.rule_queries import CHECKS
from goldeneye.rule_tests.definitions import TestFile
from goldeneye.rule_tests.loading import load
from goldeneye.rule_tests.running import run
from goldeneye.text_files import text_of


def run_tests(files: Sequence[Path], only: Sequence[str], ignore_unknown: bool) -> int:
    """Print what failed in each file; 0 where all is as expected."""
    good = True
    for file in files:
        print(f"Unit Testing: {file}", flush=True)
        failures = _failures(file, only, ignore_unknown)
        if failures:
            good = False
            print("  FAILED:", *failures, sep="\n", file=sys.stderr)
        else:
            print("  SUCCESS")
    return 0 if good else 1


def _failures(file: Path, only: Sequence[str], ignore_unknown: bool) -> list[str]:
    try:
        found = load(text_of(file), str(file))
        tests = [test for test in found.tests if _selected(test.name, only)]
        groups = _groups(_rule_files(found, file.parent), ignore_unknown) if tests else []
    except ConfigurationError as error:
        return [f"    {line}" for line in str(error).splitlines()]
    failures = list[str]()
    for test in tests:
        lines = list(run(found, groups, test))
        if lines and test.name:
            failures.append(f"    name: {test.name}")
        failures += lines
    return failures


def _selected(name: str, only: Sequence[str]) -> bool:
    return not only or any(re.search(pattern, name) for pattern in only)


def _rule_files(tests: TestFile, folder: Path) -> list[Path]:
    """The files that the patterns name, each once."""
    found = list[Path]()
    for pattern in tests.rule_files:
        matching = sorted(glob(str(folder / pattern)))
        if not matching:
            print(f"  WARNING: no file match pattern {folder / pattern}", file=sys.stderr)
        found += map(Path, matching)
    return list(dict.fromkeys(found))


def _groups(files: Sequence[Path], ignore_unknown: bool) -> list[Group]:
    """All groups. Raises ConfigurationError."""
    return [
        group
        for file in files
        for group in load_rules(text_of(file), str(file), CHECKS, ignore_unknown)
    ]
