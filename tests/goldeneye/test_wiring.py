"""The configuration's words reach the parts whole."""

from pathlib import Path

import pytest

from alerting.slo.retaining import Kept
from goldeneye import wiring
from goldeneye.clock import DAY_NS
from goldeneye.config import Config
from goldeneye.config_file import load
from goldeneye.errors import ConfigurationError
from goldeneye.schemas import STORED_TABLES
from query.prometheus.settings import PromqlSettings
from query.promql.naming.settings import Naming
from query.promql.naming.strategy import Strategy


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


def test_prometheus_names_are_made_as_said(tmp_path: Path) -> None:
    assert wiring.query_settings(Config()).promql == PromqlSettings()
    config = tmp_path / "goldeneye.yaml"
    config.write_text(
        "query: {max_samples: 7, promql: {lookback_s: 1.5, translation_strategy: NoTranslation, "
        "promote_resource_attributes: [a, b], promote_scope_metadata: true}}\n"
    )
    settings = wiring.query_settings(load(config, {})).promql
    assert (settings.max_samples, settings.lookback_ms) == (7, 1500)
    assert settings.naming == Naming(
        strategy=Strategy.NO_TRANSLATION,
        promote_resource_attributes=frozenset({"a", "b"}),
        promote_scope_metadata=True,
    )


def test_what_is_left_out_needs_all_others_promoted(tmp_path: Path) -> None:
    config = tmp_path / "goldeneye.yaml"
    config.write_text("query: {promql: {ignore_resource_attributes: [a]}}\n")
    with pytest.raises(ConfigurationError, match="promote_all_resource_attributes"):
        load(config, {})


def test_objectives_know_for_how_long_data_is_kept(tmp_path: Path) -> None:
    """The defaults of both are the same."""
    assert wiring.alerting_settings(Config(), "").kept == Kept()
    config = tmp_path / "goldeneye.yaml"
    config.write_text("retention: {slo: 1w, spans: 2h, metrics: 3m, rollups: 4d}\n")
    assert wiring.alerting_settings(load(config, {}), "").kept == Kept(10_080, 120, 3, 5_760)
