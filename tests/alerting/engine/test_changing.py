"""What is changed by the API is there whole, on disk and in memory, or not at all."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from support.alert_engine import alert_engine
from support.alerting_api import Whole, alerting_api
from support.rules import samples

from alerting.engine.loading import Loaded
from goldeneye.telemetry import RULE_EVALUATIONS

GROUP = "{name: made, rules: [{alert: Made, expr: latency > 1}]}"
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


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Whole]:
    with alerting_api(tmp_path) as it:
        yield it


def _full(whole: Whole, patched: pytest.MonkeyPatch) -> None:
    database = whole.alerting.engine.database
    patched.setattr(database, "_connection", FullAtCommit(database._connection))


def _groups(whole: Whole) -> list[str]:
    return [one["rule_group"] for one in whole.get("/api/v1/rules")["rules"]]


def _make(whole: Whole, status: int = 201) -> None:
    whole.ask("POST", "/api/v1/rules", status, content=GROUP)


def test_a_group_that_cannot_be_kept_is_not_evaluated(
    whole: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        _full(whole, patched)
        _make(whole, 503)
    assert _groups(whole) == ["shop"]
    assert whole.client.get("/api/v1/rules/export").text == "groups: []\n"
    _make(whole)
    assert _groups(whole) == ["shop", "made"]


def test_a_removal_that_cannot_be_kept_ends_no_alerts(
    whole: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    _make(whole)
    whole.slow("cart")
    with monkeypatch.context() as patched:
        _full(whole, patched)
        whole.ask("DELETE", "/api/v1/rules/made", 503)
    assert _groups(whole) == ["shop", "made"]
    assert {one["rule"] for one in whole.alerts(state="firing")} == {"Slow", "Made"}
    whole.ask("DELETE", "/api/v1/rules/made", 204)
    assert {one["rule"] for one in whole.alerts(state="firing")} == {"Slow"}


def test_a_reload_does_not_undo_what_the_api_changed_meanwhile(
    whole: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, load = whole.alerting.engine, whole.alerting.engine.load
    making = Thread(target=_make, args=(whole,))

    def loaded_before(made: Any) -> Loaded:
        loaded = load(made)
        if not making.ident:
            making.start()
            # It would be done by then, if it did not wait for the reload.
            making.join(0.3)
        return loaded

    monkeypatch.setattr(engine, "load", loaded_before)
    whole.ask("POST", "/-/reload", 204)
    making.join()
    assert _groups(whole) == ["shop", "made"]


def test_the_engine_goes_on_while_files_are_read(
    whole: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, load = whole.alerting.engine, whole.alerting.engine.load
    steps = list[str]()

    def slow(made: Any) -> Loaded:
        whole.alerting.ask(lambda _: steps.append("a step"))
        return load(made)

    monkeypatch.setattr(engine, "load", slow)
    _make(whole)
    whole.ask("POST", "/-/reload", 204)
    assert len(steps) == 2


def test_groups_that_stay_are_not_written_again(
    whole: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    states, saved = whole.alerting.engine.rules._states, list[str]()
    save = states.save

    def noted(group: Any, *more: Any) -> None:
        saved.append(group.name)
        save(group, *more)

    whole.step()
    monkeypatch.setattr(states, "save", noted)
    _make(whole)
    assert set(saved) == {"made"}


def test_events_of_what_was_removed_while_nobody_ran_keep_their_kind(tmp_path: Path) -> None:
    rules = "groups: [{name: g, rules: [{alert: Down, sql: 'SELECT 1 AS value'}]}]"
    with alert_engine(tmp_path, rules) as bench:
        bench.at(5, DOWN)
        bench.rules_file.write_text("groups: []", encoding="utf-8")
        bench.restart()
        bench.at(10)
        kinds = [(line["kind"], line["reason"]) for line in bench.lake.tables["alert_events"]]
        assert kinds == [("sql", "condition_met"), ("sql", "rule_removed")]


def test_metrics_of_groups_that_are_gone_go_too(whole: Whole) -> None:
    def shown() -> set[str]:
        found = (one.samples for one in RULE_EVALUATIONS.collect())
        return {sample.labels["rule_group"] for samples in found for sample in samples}

    _make(whole)
    whole.step(10)
    assert {"shop", "made"} <= shown()
    whole.ask("DELETE", "/api/v1/rules/made", 204)
    assert "made" not in shown()
    assert "shop" in shown()


def test_a_group_of_the_api_is_shown_though_a_file_has_one_of_its_name(
    whole: Whole, tmp_path: Path
) -> None:
    _make(whole)
    more = "groups: [{name: made, rules: [{alert: Other, expr: x}]}]"
    (tmp_path / "rules.yml").write_text(more, encoding="utf-8")
    whole.ask("POST", "/-/reload", 204)
    changed = whole.ask("PUT", "/api/v1/rules/made", content=GROUP.replace("Made", "Changed"))
    assert [one["name"] for one in changed["rules"]] == ["Changed"]
