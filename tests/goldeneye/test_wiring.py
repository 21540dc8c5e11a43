"""The configuration's words reach the parts whole."""

from pathlib import Path

import pytest

from goldeneye import wiring
from goldeneye.clock import DAY_NS
from goldeneye.config import Config
from goldeneye.config_file import load
from goldeneye.schemas import STORED_TABLES


def test_every_table_has_its_retention_but_series_which_go_with_their_points() -> None:
    ages = wiring.storage_settings(Config()).retention.max_age_ns
    assert {*ages} == {*STORED_TABLES} - {"metric_series"}
    assert ages["span_rollups"] == 400 * DAY_NS


@pytest.mark.parametrize(("key", "table"), [("rollups", "span_rollups"), ("spans", "trace_parts")])
def test_derived_tables_are_kept_as_said(tmp_path: Path, key: str, table: str) -> None:
    config = tmp_path / "goldeneye.yaml"
    config.write_text(f"retention: {{{key}: 3d}}\n")
    settings = wiring.storage_settings(load(config, {}))
    assert settings.retention.max_age_ns[table] == 3 * DAY_NS
