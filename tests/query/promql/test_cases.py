"""Evaluations written in Prometheus's own test language: ours, and the published ones."""

from pathlib import Path
from typing import Final

import pytest

from query.promql.testing.running import EXPERIMENTAL, NATIVE, STABLE, run
from query.promql.testing.script import commands

OWN: Final = sorted(Path(__file__).with_name("cases").glob("*.test"))
PUBLISHED: Final = Path(__file__).parents[4] / "shared/fixtures/promql"
FILES: Final = (
    "aggregators",
    "functions",
    "histograms",
    "literals",
    "selectors",
    "staleness",
    "subquery",
    "trig_functions",
)


def _failures(path: Path, kinds: tuple[str, ...]) -> list[str]:
    outcomes = list(run(commands(path.read_text(encoding="utf-8"))))
    assert outcomes
    return [
        f"{path.name}:{outcome.line}: {outcome.query}\n{outcome.failure}"
        for outcome in outcomes
        if outcome.failure is not None and outcome.kind in kinds
    ]


@pytest.mark.parametrize("path", OWN, ids=[path.stem for path in OWN])
def test_own_evaluations(path: Path) -> None:
    assert _failures(path, (STABLE, NATIVE, EXPERIMENTAL)) == []


@pytest.mark.parametrize("name", FILES)
def test_published_evaluations(name: str) -> None:
    path = PUBLISHED / f"{name}.test"
    if not path.exists():
        pytest.skip("the published evaluations are not here")
    assert _failures(path, (STABLE, NATIVE, EXPERIMENTAL)) == []
