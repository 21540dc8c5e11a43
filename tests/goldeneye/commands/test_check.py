"""`goldeneye check` reads the files that a configuration names too."""

from pathlib import Path

import pytest

from goldeneye.commands.check import check


def _files(tmp_path: Path, services: str) -> Path:
    (tmp_path / "services.yaml").write_text(services)
    config = tmp_path / "goldeneye.yaml"
    config.write_text(f"query: {{services_file: {tmp_path / 'services.yaml'}}}\n")
    return config


def test_a_good_services_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check([_files(tmp_path, "services: {shop: {owner: me}}")]) == 0
    assert capsys.readouterr().out.endswith("goldeneye.yaml: ok\n")


def test_a_services_file_with_an_unknown_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check([_files(tmp_path, "services: {shop: {ownr: me}}")]) == 1
    said = capsys.readouterr().err
    assert "query.services_file" in said
    assert "unknown key `services.shop.ownr`; did you mean `owner`?" in said


ROUTING = "route: {receiver: team}\nreceivers: [{name: team}]\ntemplates: ['*.tmpl']\n"


def test_routes_and_their_templates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    routing, config = tmp_path / "am.yml", tmp_path / "goldeneye.yaml"
    routing.write_text(ROUTING)
    config.write_text(f"alerting: {{alertmanager_config: {routing}}}")
    assert check([routing, config]) == 0
    assert capsys.readouterr().out == f"{routing}: ok\n{config}: ok\n"
    (tmp_path / "own.tmpl").write_text("{{ define }}")
    assert check([routing]) == 1
    assert check([config]) == 1
    assert capsys.readouterr().err.count("template: own.tmpl:1:11: ") == 2
    routing.write_text(ROUTING + "tracing: {}\n" + "group_wait: 1s\n")
    assert check([routing]) == 1
    assert f"{routing}:5: group_wait: unknown field" in capsys.readouterr().err


SLO = (
    "slos: [{name: a, service: shop, objective: 99, window: 30d, spans: {}, good: status != error}]"
)
RULES = "groups: [{name: g, rules: [{alert: A, expr: up == 0}]}]"


def _alerting(tmp_path: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (tmp_path / f"{name}.yml").write_text(text)
    config = tmp_path / "goldeneye.yaml"
    config.write_text(
        f"alerting: {{rule_files: ['{tmp_path}/rules.yml'], slo_files: ['{tmp_path}/slo*.yml']}}"
    )
    return config


def test_rules_and_objectives_that_a_configuration_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = _alerting(tmp_path, rules=RULES, slo=SLO)
    config.write_text(f"{config.read_text()}\nretention: {{slo: 7d}}")
    assert check([config]) == 1
    assert "slo.yml:1: the window of a is longer than" in capsys.readouterr().err
    rules = RULES.replace("}]}]", "}, {alert: A, expr: up == 1}]}]")
    assert check([_alerting(tmp_path, rules=rules, slo=SLO)]) == 0
    assert "warning: " in capsys.readouterr().err
    faulty = _alerting(tmp_path, rules=RULES.replace("==", "="), slo=SLO.replace("99", "101"))
    assert check([faulty]) == 1
    said = capsys.readouterr().err
    assert "rules.yml:1: groups[0].rules[0].expr: " in said
    assert "slo.yml:1: slos[0].objective: " in said


def test_files_of_objectives_that_refer_to_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exclusions = "exclusions: [{start: 2026-01-01T00:00:00Z, end: 2026-01-02T00:00:00Z, slos: [a]}]"
    _alerting(tmp_path, slo=SLO, slo_excluded=exclusions)
    files = [tmp_path / "slo.yml", tmp_path / "slo_excluded.yml"]
    assert check(files) == 0
    assert capsys.readouterr().out == "".join(f"{file}: ok\n" for file in files)
    assert check(files[1:]) == 1
    assert "slo_excluded.yml:1: exclusions[0].slos[0]: " in capsys.readouterr().err
