"""The engine's thread outlives what goes wrong in it."""

from pathlib import Path

import pytest
from support.alerting_api import alerting_api

from goldeneye.errors import StorageUnavailable, Unavailable


def test_a_step_that_fails_unexpectedly_is_not_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with alerting_api(tmp_path) as whole:

        def defect() -> None:
            raise RuntimeError("a defect")

        with monkeypatch.context() as patched:
            patched.setattr(whole.alerting.engine, "tick", defect)
            whole.step(1)
        whole.slow("shop")
        assert [one["state"] for one in whole.alerts()] == ["firing"]


def test_what_cannot_be_written_down_keeps_no_rule_from_being_evaluated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with alerting_api(tmp_path) as whole:

        def full(*_: object) -> None:
            raise StorageUnavailable("the disk is full")

        with monkeypatch.context() as patched:
            patched.setattr(whole.alerting.engine.dispatcher.log, "forget_expired", full)
            patched.setattr(whole.alerting._reported._alerts, "tell", full)
            body = [{"labels": {"alertname": "Theirs"}}]
            whole.ask("POST", "/alertmanager/api/v2/alerts", json=body)
            whole.slow("shop", seconds=70)
            assert [one["rule"] for one in whole.alerts(state="firing")] == ["Slow", "Theirs"]


def test_who_is_told_that_the_engine_is_busy_has_changed_nothing(tmp_path: Path) -> None:
    with alerting_api(tmp_path) as whole:
        done = list[str]()

        def work(held: object) -> None:
            with pytest.raises(Unavailable, match="busy"):
                # In another thread than the loop's, which is held by this.
                whole.alerting.ask(lambda _: done.append("late"), timeout_s=0.05)

        whole.alerting.ask(work)
        whole.step()
        assert done == []
