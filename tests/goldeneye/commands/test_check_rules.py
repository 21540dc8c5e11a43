"""`goldeneye check` of rule files."""

from pathlib import Path

import pytest

from goldeneye.commands.check import check

GOOD = (
    "{alert: A, expr: up == 0}, {alert: B, log: {search: timeout, threshold: '> 1'}}, "
    "{alert: C, sql: 'SELECT service_name, count(*) AS value FROM spans GROUP BY ALL'}"
)


def _file(tmp_path: Path, rules: str) -> Path:
    file = tmp_path / "rules.yml"
    file.write_text(f"groups: [{{name: g, rules: [{rules}]}}]\n", encoding="utf-8")
    return file


def test_a_good_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check([_file(tmp_path, GOOD)]) == 0
    assert capsys.readouterr().out.endswith("rules.yml: ok\n")


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("{alert: A, expr: up ==}", "rules.yml:1: groups[0].rules[0].expr: could not parse"),
        ("{alert: A, log: {search: '(', threshold: '> 1'}}", "rules[0].log.search: could not"),
        ("{alert: A, sql: 'SELECT 1 AS value FROM span'}", "there is no table span"),
        ("{alert: A, sql: DROP TABLE spans}", "rules[0].sql: could not parse expression"),
        ("{alert: A, sql: SELECT FROM}", "rules[0].sql: could not parse expression"),
        ("{alert: A, exp: up}", "rules.yml:1: groups[0].rules[0].exp: unknown field"),
    ],
)
def test_a_broken_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rule: str, told: str
) -> None:
    assert check([_file(tmp_path, rule)]) == 1
    assert told in capsys.readouterr().err


def test_equal_rules_are_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check([_file(tmp_path, "{record: r, expr: x}, {record: r, expr: y}")]) == 0
    assert "rules.yml:1: warning: r is there twice" in capsys.readouterr().err
