"""What `make conformance` calls missing."""

import pytest
from conformance.report import Line, Results, read_lines


def _line(verdict: str, reason: str = "") -> Line:
    return Line(7, "MUST", "A. Section", "what it asks for", verdict, reason)


def _report(outcome: str, when: str = "call", name: str = "test_007_it_works") -> pytest.TestReport:
    return pytest.TestReport(
        f"file.py::{name}",
        ("file.py", 1, name),
        {},
        outcome,  # type: ignore[arg-type]
        None,
        when,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("line", "reports", "verdict"),
    [
        (_line("met"), [_report("passed")], "met"),
        (_line("met"), [], "missing"),
        (_line("met"), [_report("passed", name="test_008_another")], "missing"),
        (_line("met"), [_report("skipped")], "missing"),
        (_line("met"), [_report("passed"), _report("failed", name="test_007_too")], "missing"),
        (_line("met"), [_report("failed", when="setup")], "missing"),
        (_line("met"), [_report("passed"), _report("failed", when="teardown")], "missing"),
        (_line("refused", "why"), [], "refused"),
        (_line("refused", "why"), [_report("passed")], "refused"),
        (_line("refused", "why"), [_report("failed")], "missing"),
        (_line("refused"), [], "missing"),
        (_line("n/a", "why"), [], "n/a"),
        (_line("n/a"), [], "missing"),
        (_line("n/a", "why"), [_report("passed")], "missing"),
        (_line("perhaps", "why"), [_report("passed")], "missing"),
    ],
)
def test_what_is_missing(line: Line, reports: list[pytest.TestReport], verdict: str) -> None:
    results = Results()
    for report in reports:
        results.pytest_runtest_logreport(report)
    assert results.verdict(line)[0] == verdict


def test_the_lines_are_numbered_without_gaps() -> None:
    lines = read_lines()
    assert [line.number for line in lines] == list(range(1, 251))
    levels = {line.level for line in lines}
    assert levels == {"MUST", "SHOULD", "MAY", "NEED", "COMPAT", "REC"}
