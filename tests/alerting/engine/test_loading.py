"""Files of the alert engine, read with what the engine is told."""

from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from support.slo_documents import NATIVE

from alerting.engine.loading import load_all
from alerting.rules.loading import Checks
from alerting.settings import AlertingSettings
from alerting.slo.retaining import Kept
from goldeneye.clock import ManualClock
from goldeneye.errors import ConfigurationError

WEEK = 7 * 1_440


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
