"""Whatever labels and annotations say, every kind sends it, and it means nothing more."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.aws import Amazon
from support.http_receiver import HttpReceiver, Reply, Taken, http_receiver
from support.notifying import START_NS, notification, send, sender_of
from support.smtp_server import SmtpServer, smtp_server

from alerting.alert import Alert

AMAZON = Amazon(OWN="secret")
CONFIGS: dict[str, dict[str, Any]] = {
    "webhook": {"url": "{url}"},
    "slack": {"api_url": "{url}/slack", "channel": "{{{{ .CommonLabels.job }}}}"},
    "pagerduty": {"routing_key": "k", "url": "{url}"},
    "opsgenie": {"api_key": "k", "api_url": "{url}", "tags": "{{{{ .CommonLabels.job }}}}"},
    "msteams": {"webhook_url": "{url}"},
    "msteamsv2": {"webhook_url": "{url}"},
    "alertmanager": {"url": "{url}"},
    "jira": {
        "api_url": "{url}/rest/api/3",
        "project": "P",
        "issue_type": "B",
        "fields": {"x": "{{{{ .CommonLabels.job }}}}"},
    },
    "sns": {
        "topic_arn": "arn:aws:sns:eu-west-1:1:t",
        "api_url": "{url}/sns",
        "sigv4": {"access_key": "OWN", "secret_key": "secret"},
        "attributes": {"job": "{{{{ .CommonLabels.job }}}}"},
    },
}
TEXTS = st.text(max_size=40)
HOSTILE = 'a\r\nBcc: x@example.org\r\n\r\n"{{ .None }}" <script> \x00 \u202e 😀 & \ufffe'


def _answer(taken: Taken) -> Reply:
    if taken.path.startswith("/sns"):
        return AMAZON(taken)
    if taken.path.startswith("/slack"):
        return Reply(200, "ok")
    return Reply.json({"issues": []})


@pytest.fixture(scope="module")
def receiver() -> Iterator[HttpReceiver]:
    with http_receiver(_answer) as found:
        yield found


@pytest.fixture(scope="module")
def server() -> Iterator[SmtpServer]:
    with smtp_server() as found:
        yield found


def _alert(job: str, summary: str) -> Alert:
    return Alert({"alertname": "Slow", "job": job}, {"summary": summary}, START_NS)


RELAXED = settings(
    deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize("kind", CONFIGS)
@RELAXED
@example(HOSTILE, HOSTILE)
@given(TEXTS, TEXTS)
def test_over_http(kind: str, receiver: HttpReceiver, job: str, summary: str) -> None:
    receiver.requests.clear()
    written = json.dumps(CONFIGS[kind]).replace("{url}", receiver.url).replace("{{{{", "{{")
    to = sender_of(kind, json.loads(written.replace("}}}}", "}}")))
    sent = send(to, notification(_alert(job, summary)))
    assert sent.status == 200
    assert sent.template_errors == ()
    if kind == "sns":
        return  # the signature was checked
    assert all(isinstance(taken.json, dict | list) for taken in receiver.requests)


@RELAXED
@example(HOSTILE, HOSTILE)
@given(TEXTS, TEXTS)
def test_by_mail(server: SmtpServer, job: str, summary: str) -> None:
    server.mails.clear()
    config = {
        "to": "ops@example.org",
        "from": "alerts@example.org",
        "smarthost": server.smarthost,
        "require_tls": False,
        "headers": {"X-Job": "{{ .CommonLabels.job }}"},
        "text": "It says: {{ .CommonAnnotations.summary }}",
    }
    send(sender_of("email", config), notification(_alert(job, summary)))
    message = server.message
    assert message["To"] == "ops@example.org"
    assert message["Bcc"] is None
    assert {part.get_content_type() for part in message.iter_parts()} == {
        "text/plain",
        "text/html",
    }
