"""The data of notifications: payload version 4, default templates, functions."""

from pathlib import Path
from typing import get_type_hints

import pytest

from alerting.alert import Alert
from alerting.notifying.data import Data, data_of
from alerting.notifying.templates import engine
from alerting.notifying.webhook_payload import payload
from alerting.routing.receivers.receiver import KINDS, Receiver
from alerting.templates.errors import TemplateError
from goldeneye.errors import ConfigurationError

S = 1_000_000_000
ALERTS = (
    Alert(
        {"alertname": "Slow", "job": "web", "severity": "critical"},
        {"summary": "<slow>", "runbook": "x"},
        1_767_225_600 * S + 500_000_000,
        generator_url="http://here/1",
    ),
    Alert(
        {"alertname": "Slow", "job": "db", "severity": "critical"},
        {"summary": "<slow>"},
        1_767_225_600 * S,
        1_767_225_660 * S,
        generator_url="javascript:alert(1)",
    ),
)
NOW = 1_767_225_700 * S
TEMPLATES = engine(lambda: NOW)


def _data(alerts: tuple[Alert, ...] = ALERTS) -> Data:
    return data_of(
        "team.x", {"alertname": "Slow"}, alerts, "http://here", NOW, "first notification"
    )


def test_the_payload() -> None:
    assert payload(_data(), '{}:{alertname="Slow"}', max_alerts=1) == {
        "version": "4",
        "groupKey": '{}:{alertname="Slow"}',
        "truncatedAlerts": 1,
        "status": "firing",
        "receiver": "team\\.x",
        "groupLabels": {"alertname": "Slow"},
        "commonLabels": {"alertname": "Slow", "severity": "critical"},
        "commonAnnotations": {"summary": "<slow>"},
        "externalURL": "http://here",
        "notification_reason": "first notification",
        "alerts": [
            {
                "status": "firing",
                "labels": {"alertname": "Slow", "job": "web", "severity": "critical"},
                "annotations": {"summary": "<slow>", "runbook": "x"},
                "startsAt": "2026-01-01T00:00:00.5Z",
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "http://here/1",
                "fingerprint": ALERTS[0].fingerprint,
            }
        ],
    }


def test_without_a_bound_all_alerts_are_told() -> None:
    whole = payload(_data(), "k")
    assert (len(whole["alerts"]), whole["truncatedAlerts"]) == (2, 0)
    assert whole["alerts"][1]["endsAt"] == "2026-01-01T00:01:00Z"


CASES = [
    ('{{ template "slack.default.title" . }}', "[FIRING:1] Slow (critical)"),
    ('{{ template "slack.default.color" . }}', "danger"),
    ('{{ template "jira.default.priority" . }}', "High"),
    ("{{ .CommonLabels }}", "alertname=Slow, severity=critical"),
    ("{{ .CommonLabels.none }}{{ .Status | toUpper }}", "FIRING"),
    ("{{ range .CommonLabels.SortedPairs }}{{ .Name }}:{{ .Value }} {{ end }}",
     "alertname:Slow severity:critical "),
    ('{{ .CommonLabels.Remove .GroupLabels.Names }}', "severity=critical"),
    ('{{ (.CommonLabels.Remove (stringSlice "severity")).Values | join "," }}', "Slow"),
    ("{{ len .Alerts }} {{ .Alerts.Resolved | len }}", "2 1"),
    ("{{ (index .Alerts 0).Labels.job }} {{ (index .Alerts.Resolved 0).Labels.job }}", "web db"),
    ('{{ (index .Alerts 0).StartsAt.Format "Jan 2, 2006 15:04:05.000 MST" }}',
     "Jan 1, 2026 00:00:00.500 UTC"),
    ('{{ (index .Alerts 0).StartsAt | tz "Europe/Paris" | date "15:04 -07:00" }}', "01:00 +01:00"),
    ("{{ (index .Alerts 1).StartsAt | since | humanizeDuration }}", "1m 40s"),
    ("{{ since (index .Alerts 1).StartsAt }}", "1m40s"),
    ("{{ (index .Alerts 1).EndsAt }}", "2026-01-01 00:01:00 +0000 UTC"),
    ("{{ (index .Alerts 0).EndsAt.IsZero }}", "true"),
    ("{{ (index .Alerts 1).EndsAt.Unix }}", "1767225660"),
    ("{{ .GroupLabels | toJson }} {{ toJson (list 1 (dict \"a\" true)) }}",
     '{"alertname":"Slow"} [1,{"a":true}]'),
    ('{{ title "the HIGH\'s road" }} {{ trimSpace " x " }}', "The High's Road x"),
    ('{{ match "^S" .CommonLabels.alertname }}{{ reReplaceAll "o+" "0" "foo" }}', "truef0"),
    ('{{ append (list 1) 2 }} {{ urlUnescape "a%20b" }}', "[1 2] a b"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_expanded(text: str, expected: str) -> None:
    assert TEMPLATES.expand(text, _data()) == expected


def test_alerts_as_json_have_the_payloads_names() -> None:
    written = TEMPLATES.expand("{{ .Alerts.Firing | toJson }}", _data())
    assert '"startsAt":"2026-01-01T00:00:00.5Z"' in written
    assert '"generatorURL":"http://here/1"' in written
    assert '"summary":"\\u003cslow\\u003e"' in written


def test_mail_is_escaped_and_links_only_lead_to_pages() -> None:
    written = TEMPLATES.expand_html('{{ template "email.default.html" . }}', _data())
    assert "&lt;slow&gt;" in written
    assert "<slow>" not in written
    assert 'href="http://here/1"' in written
    assert "javascript" not in written


def _defaults() -> list[str]:
    kinds = (get_type_hints(Receiver)[f"{kind}_configs"].__args__[0] for kind in KINDS)
    return sorted(
        {
            value
            for kind in kinds
            for field in kind.__dataclass_fields__.values()
            for value in (field.default, getattr(_made(field.default_factory), "template", ""))
            if isinstance(value, str) and "{{" in value
        }
    )


def _made(factory: object) -> object:
    return factory() if callable(factory) else None


@pytest.mark.parametrize("text", _defaults())
@pytest.mark.parametrize("alerts", [ALERTS, ALERTS[1:], ALERTS[:1]], ids=["both", "ended", "fires"])
def test_every_default_of_a_receiver_is_a_template_that_works(
    text: str, alerts: tuple[Alert, ...]
) -> None:
    assert "<no value>" not in TEMPLATES.expand(text, _data(alerts))


def test_own_files_win(tmp_path: Path) -> None:
    own = tmp_path / "own.tmpl"
    own.write_text('{{ define "__subject" }}mine{{ end }}')
    changed = engine(lambda: NOW, [own])
    assert changed.expand('{{ template "slack.default.title" . }}', _data()) == "mine"
    own.write_text("{{ define }}")
    with pytest.raises(TemplateError, match=r"own\.tmpl:1:11"):
        engine(lambda: NOW, [own])
    with pytest.raises(ConfigurationError, match=r"none\.tmpl: cannot be read"):
        engine(lambda: NOW, [tmp_path / "none.tmpl"])
