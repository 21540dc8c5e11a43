"""`goldeneye test route`, from the outside."""

import subprocess
import sys
from pathlib import Path

import pytest

from goldeneye.commands.routes import show_routes
from goldeneye.errors import ConfigurationError

ROUTING = """
route:
  receiver: team
  routes:
    - matchers: [severity="page"]
      receiver: on-call
      continue: true
      routes:
        - matchers: ['service=~"shop|cart"']
          receiver: shop
    - matchers: [severity=~".+"]
receivers: [{name: team}, {name: on-call}, {name: shop}]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "am.yml"
    path.write_text(ROUTING)
    return path


@pytest.mark.parametrize(
    ("labels", "lines"),
    [
        ([], ["team  {}"]),
        (["severity=page"], ['on-call  {}/{severity="page"}', 'team     {}/{severity=~".+"}']),
        (
            ["severity=page", "service=shop"],
            [
                'shop  {}/{severity="page"}/{service=~"shop|cart"}',
                'team  {}/{severity=~".+"}',
            ],
        ),
        (['{severity="info", service=shop}'], ['team  {}/{severity=~".+"}']),
    ],
    ids=["none", "page", "shop", "braces"],
)
def test_who_is_told_and_by_which_route(
    file: Path, labels: list[str], lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert show_routes(labels, file, tree=False) == 0
    assert capsys.readouterr().out.splitlines() == lines


def test_the_tree(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show_routes(["severity=page", "service=cart"], file, tree=True) == 0
    assert capsys.readouterr().out.splitlines() == [
        "{}  receiver: team",
        '├── {severity="page"}  continue: true  receiver: on-call',
        '│   └── {service=~"shop|cart"}  receiver: shop  <- told',
        '└── {severity=~".+"}  receiver: team  <- told',
    ]


def test_receivers_can_be_verified(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show_routes(["severity=page"], file, False, "on-call, team") == 0
    assert show_routes(["severity=page"], file, False, "team") == 1
    assert capsys.readouterr().err == "expected team, found on-call,team\n"


def test_the_file_that_the_configuration_names(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "goldeneye.yaml"
    config.write_text(f"alerting: {{alertmanager_config: {file}}}")
    assert show_routes(["severity=info"], config, tree=False) == 0
    assert capsys.readouterr().out == 'team  {}/{severity=~".+"}\n'
    config.write_text("data_dir: data")
    assert show_routes([], config, tree=False) == 0
    assert capsys.readouterr().out == "nobody  {}\n"


@pytest.mark.parametrize("label", ["a!=b", "a", 'a=~"b"'])
def test_what_is_no_label_is_refused(file: Path, label: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^a"):
        show_routes([label], file, tree=False)


def test_the_command(file: Path) -> None:
    command = [sys.executable, "-m", "goldeneye.cli", "test", "route", "severity=page"]
    options = ["--config", str(file), "--verify-receivers", "nobody"]
    done = subprocess.run(command + options, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stdout == 'on-call  {}/{severity="page"}\nteam     {}/{severity=~".+"}\n'
    file.write_text("route: {receiver: none}")
    done = subprocess.run(command + options[:2], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert f"{file}:1: route.receiver: undefined receiver 'none'" in done.stderr
