"""The runner of test files: what it counts, prints and refuses."""

import subprocess
import sys
from pathlib import Path

import pytest

from query.promql.testing.notation import BadNotation, described, milliseconds, values
from query.promql.testing.running import Outcome, run
from query.promql.testing.script import commands

LOADED = """
load 5m
  a 1 2 3
  b{x="y"} 1 3
  h {{schema:0 sum:1 count:1}} {{schema:0 sum:1 count:1}}

"""


def _only(text: str) -> Outcome:
    (outcome,) = run(commands(LOADED + text))
    return outcome


@pytest.mark.parametrize(
    "text",
    [
        "eval instant at 5m a\n  a 3",
        "eval instant at 5m a",
        "eval instant at 5m a\n  {} 2",
        "eval instant at 5m a\n  a 2\n  b 2",
        "eval instant at 5m a\n  expect fail",
        "eval instant at 5m a\n  expect warn\n  a 2",
        "eval instant at 5m a\n  expect info\n  a 2",
        "eval instant at 5m rate(a[10m])\n  expect no_info\n  {} 0.0033333333",
        "eval instant at 5m rate(a[10m])\n  expect info msg: other\n  {} 0.0033333333",
        "eval range from 0 to 10m step 5m a\n  a 1 2",
        "eval range from 0 to 10m step 5m a\n  a 1 _ 3",
        "eval instant at 5m sort_desc(a or b)\n  expect ordered\n  a 2\n  b{x='y'} 3",
        "eval instant at 5m -a\n  expect string `x`",
        'eval instant at 5m "y"\n  expect string `x`',
        "eval instant at 5m 1\n  2",
        "eval instant at 5m a[\n  a 2",
        "eval_fail instant at 5m a",
        "eval_warn instant at 5m a\n  a 2",
        "eval instant at 5m -(a @ 300) > a\n  expect fail msg: other",
    ],
)
def test_what_is_not_as_expected_fails(text: str) -> None:
    failure = _only(text).failure
    assert failure is not None
    assert failure.startswith(("expected", "as a range query"))


@pytest.mark.parametrize(
    "text",
    [
        "eval instant at 5m a\n  a 2",
        "eval instant at 5m a\n  a 2.0000001",
        "eval instant at 5m rate(a[10m])\n  expect info\n  {} 0.0033333333",
        "eval range from 0 to 10m step 5m a\n  a 1+1x2",
        "eval_ordered instant at 5m sort_desc(a or b)\n  b{x='y'} 3\n  a 2",
        "eval_fail instant at 5m label_replace(a, '', '', '', '')",
        "eval_info instant at 5m rate(a[10m])\n  {} 0.0033333333",
        'eval instant at 5m "x"\n  expect string `x`',
        "eval instant at 5m 1\n  1",
        "eval instant at 10m a[10m]\n  expect range vector from 5m to 10m step 5m\n  a 2 3",
    ],
)
def test_what_is_as_expected_passes(text: str) -> None:
    assert _only(text).failure is None


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("a", "stable"),
        ("a[", "stable"),
        ("h", "native"),
        ("count({__name__=~'a|h'})", "native"),
        ("a </ 3", "native"),
        ("limitk(1, h)", "experimental"),
        ("a + fill(0) a", "experimental"),
        ("rate(a[5m] smoothed)", "experimental"),
        ("rate(a[5m+1m])", "experimental"),
        ("mad_over_time(a[5m])", "experimental"),
    ],
)
def test_each_evaluation_has_a_class(query: str, kind: str) -> None:
    assert _only(f"eval instant at 5m {query}").kind == kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 2.5 -3e2", [1, 2.5, -300]),
        ("1+2x2", [1, 3, 5]),
        ("1-2x2", [1, -1, -3]),
        ("-2x1", [-2, -2]),
        ("_ 1 _x2", [None, 1, None, None]),
        ("Inf -inf", [float("inf"), float("-inf")]),
    ],
)
def test_samples_are_read(text: str, expected: list[float | None]) -> None:
    assert values(text) == expected


def test_labels_are_read() -> None:
    series = described(r"""{"a.b", 'c d'="e\n", f='g'} 1""")
    assert series.labels == (("__name__", "a.b"), ("c d", "e\n"), ("f", "g"))


@pytest.mark.parametrize("text", ["a 1 x", "a{b} 1", "a{b=c} 1", "a 1+x3", "a {{1}}x"])
def test_what_is_no_series_is_refused(text: str) -> None:
    with pytest.raises(BadNotation):
        described(text)


def test_durations_are_read() -> None:
    assert [milliseconds(text) for text in ("1h30m", "5", "-10s", "1ms", "0.5")] == [
        5_400_000,
        5_000,
        -10_000,
        1,
        500,
    ]


@pytest.mark.parametrize(
    "text", ["eval instant at x a", "eval range a", "eval instant at 5m a\n  a ?"]
)
def test_an_unreadable_evaluation_fails(text: str) -> None:
    assert _only(text).failure is not None


@pytest.mark.parametrize("text", ["forget", "load", "load 5q\n  a 1", "load 5m\n  a ?"])
def test_what_is_no_command_is_refused(text: str) -> None:
    with pytest.raises(BadNotation):
        commands(text)


def test_the_last_lines_are_the_totals(tmp_path: Path) -> None:
    file = tmp_path / "x.test"
    file.write_text(
        LOADED
        + "eval instant at 5m a\n  a 2\n\neval instant at 5m a\n  a 3\n\n"
        + "eval instant at 5m mad_over_time(a[5m])\n  {} 0\n\neval instant at 5m count(h)\n  {} 1\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "query.promql.testing", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "x.test:10: stable: a",
        "    expected",
        "      a 3@300",
        "    got",
        "      a 2@300",
        "x.test: stable: 1 passed, 1 failed",
        "x.test: native: 1 passed, 0 failed",
        "x.test: experimental: 1 passed, 0 failed",
        "stable: 1 passed, 1 failed",
        "native: 1 passed, 0 failed",
        "experimental: 1 passed, 0 failed",
        "3 passed, 1 failed",
    ]
