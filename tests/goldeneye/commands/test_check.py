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
