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
