"""What is changed by the API is there whole, on disk and in memory, or not at all."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support.alert_engine import EngineBench, alert_engine
from support.rules import samples

from alerting.rule_pages import documents
from alerting.rule_pages.api import found
from goldeneye.errors import StorageUnavailable
from goldeneye.telemetry import RULE_EVALUATIONS

GROUP = "{name: made, rules: [{alert: Made, expr: up == 1}]}"
DOWN = samples(({"__name__": "up", "job": "a"}, 0.0))


class FullAtCommit:
    """A connection whose transactions cannot be kept."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Any = ()) -> Any:
        if statement == "COMMIT":
            raise sqlite3.OperationalError("database or disk is full")
        return self._connection.execute(statement, values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def _full(bench: EngineBench, patched: pytest.MonkeyPatch) -> None:
    database = bench.engine.database
    patched.setattr(database, "_connection", FullAtCommit(database._connection))


def _groups(bench: EngineBench) -> list[str]:
    return [one.planned.group.name for one in bench.engine.rules.running]


def test_a_group_that_cannot_be_kept_is_not_evaluated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with alert_engine(tmp_path) as bench:
        with monkeypatch.context() as patched:
            _full(bench, patched)
            with pytest.raises(StorageUnavailable, match="full"):
                documents.create(bench.engine, GROUP)
        assert _groups(bench) == ["g"]
        assert [group.name for group in bench.engine.loaded.groups] == ["g"]
        documents.create(bench.engine, GROUP)
        assert _groups(bench) == ["g", "made"]


def test_a_removal_that_cannot_be_kept_ends_no_alerts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with alert_engine(tmp_path) as bench:
        documents.create(bench.engine, GROUP)
        bench.at(6, DOWN)
        with monkeypatch.context() as patched:
            _full(bench, patched)
            with pytest.raises(StorageUnavailable, match="full"):
                documents.delete(bench.engine, "made")
        assert _groups(bench) == ["g", "made"]
        known = bench.engine.dispatcher.known.all.values()
        assert {alert.name for alert in known} == {"Down", "Made"}
        assert not any(alert.resolved(bench.clock.now_ns()) for alert in known)
        documents.delete(bench.engine, "made")
        known = bench.engine.dispatcher.known.all.values()
        ended = {alert.name for alert in known if alert.resolved(bench.clock.now_ns())}
        assert ended == {"Made"}


def test_a_reload_does_not_undo_what_the_api_changed_meanwhile(tmp_path: Path) -> None:
    with alert_engine(tmp_path) as bench:
        read_before = bench.engine.load()
        documents.create(bench.engine, GROUP)
        bench.engine.take(read_before)
        assert _groups(bench) == ["g", "made"]


def test_events_of_what_was_removed_while_nobody_ran_keep_their_kind(tmp_path: Path) -> None:
    rules = "groups: [{name: g, rules: [{alert: Down, sql: 'SELECT 1 AS value'}]}]"
    with alert_engine(tmp_path, rules) as bench:
        bench.at(5, DOWN)
        bench.rules_file.write_text("groups: []", encoding="utf-8")
        bench.restart()
        bench.at(10)
        kinds = [(line["kind"], line["reason"]) for line in bench.lake.tables["alert_events"]]
        assert kinds == [("sql", "condition_met"), ("sql", "rule_removed")]


def test_metrics_of_groups_that_are_gone_go_too(tmp_path: Path) -> None:
    def shown() -> set[str]:
        found = (one.samples for one in RULE_EVALUATIONS.collect())
        return {sample.labels["rule_group"] for samples in found for sample in samples}

    with alert_engine(tmp_path) as bench:
        documents.create(bench.engine, GROUP)
        bench.at(6, DOWN)
        assert {"g", "made"} <= shown()
        documents.delete(bench.engine, "made")
        assert "made" not in shown()
        assert "g" in shown()


def test_a_group_of_the_api_is_shown_though_a_file_has_one_of_its_name(tmp_path: Path) -> None:
    with alert_engine(tmp_path) as bench:
        documents.create(bench.engine, GROUP)
        more = "groups: [{name: made, rules: [{alert: Other, expr: x}]}]"
        bench.rules_file.write_text(more, encoding="utf-8")
        bench.engine.take(bench.engine.load())
        documents.change(bench.engine, "made", GROUP.replace("Made", "Changed"))
        assert found(bench.engine, "made").planned.group.rules[0].name == "Changed"
