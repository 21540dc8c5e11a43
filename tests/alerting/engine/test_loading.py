"""Files of the alert engine, read with what the engine is told."""

from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from support.slo_documents import NATIVE

from alerting.engine.loading import load_all
from alerting.rules.definitions import Promql
from alerting.rules.loading import Checks
from alerting.settings import AlertingSettings
from alerting.slo.retaining import Kept
from goldeneye.clock import ManualClock
from goldeneye.errors import ConfigurationError

WEEK = 7 * 1_440
MADE = "groups: [{name: c, rules: [{record: c, expr: w}]}]"


def test_objectives_that_outlast_what_is_kept_are_told_of_or_refused(tmp_path: Path) -> None:
    (tmp_path / "slo.yaml").write_text(NATIVE)
    settings = AlertingSettings(tmp_path, slo_files=(str(tmp_path / "slo.yaml"),))
    checks = Checks(promql=str)
    with structlog.testing.capture_logs() as logs:
        loaded = load_all(settings, checks, ManualClock())
        assert ([slo.name for slo in loaded.slos.slos], logs) == (["checkout"], [])
        rolled_up = replace(settings, kept=Kept(rollups=WEEK))
        load_all(rolled_up, checks, ManualClock())
    (warning,) = logs
    assert "the window of checkout is longer than retention.rollups (1w)" in warning["detail"]
    forgetful = replace(settings, kept=Kept(slo=WEEK))
    with pytest.raises(ConfigurationError, match=r"slo\.yaml:3: .* longer than retention\.slo"):
        load_all(forgetful, checks, ManualClock())


def test_only_rules_that_changed_are_parsed_again(tmp_path: Path) -> None:
    asked = list[str]()

    def noted(text: str) -> None:
        asked.append(text)

    def rules(name: str, expr: str) -> None:
        text = f"groups: [{{name: {name}, rules: [{{record: {name}, expr: {expr}}}]}}]"
        (tmp_path / f"{name}.yml").write_text(text)

    settings = AlertingSettings(tmp_path, rule_files=(str(tmp_path / "*.yml"),))
    checks, made = Checks(promql=noted), {"slo": {}, "rules": {"c": MADE}}
    rules("a", "x")
    rules("b", "y")
    before = load_all(settings, checks, ManualClock(), made)
    rules("b", "z")
    after = load_all(settings, checks, ManualClock(), made, before)
    assert asked == ["x", "y", "w", "z"]
    assert [group.rules[0].expression for group in after.groups] == [
        Promql("x"),
        Promql("z"),
        Promql("w"),
    ]
