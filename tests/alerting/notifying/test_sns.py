"""Messages to Amazon's SNS, against a small Amazon that checks the signatures."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.aws import Amazon, form
from support.http_receiver import HttpReceiver, Reply, http_receiver, in_turn
from support.notifying import (
    ENDED,
    FIRING,
    KEY_HASH,
    SUBJECT,
    failure,
    notification,
    send,
    sender_of,
)

from alerting.notifying.notifiers import Sender
from alerting.notifying.sns import Sns

TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts"
KEYS = {"access_key": "OWN", "secret_key": "hush-secret"}


@pytest.fixture(autouse=True)
def _no_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of the machine that the tests run on."""
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "PROFILE",
                 "REGION", "DEFAULT_REGION"):  # fmt: skip
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))


def _to(receiver: HttpReceiver, **config: Any) -> Sender:
    defaults = {"topic_arn": TOPIC, "sigv4": KEYS, "api_url": receiver.url}
    return sender_of("sns", {k: v for k, v in {**defaults, **config}.items() if v is not None})


def test_a_message_to_a_topic() -> None:
    amazon = Amazon(OWN="hush-secret")
    with http_receiver(amazon) as receiver:
        attributes = {"state": "{{ .Status }}", "a": "b"}
        assert send(_to(receiver, attributes=attributes)).status == 200
    (taken,) = receiver.requests
    assert amazon.scopes == ["20260101/eu-west-1/sns/aws4_request"]
    asked = form(taken)
    assert asked.pop("Message").startswith("slow <page>\nAlerts Firing:\nLabels:\n")
    assert asked == {
        "Action": "Publish",
        "Version": "2010-03-31",
        "TopicArn": TOPIC,
        "Subject": SUBJECT,
        "MessageAttributes.entry.1.Name": "a",
        "MessageAttributes.entry.1.Value.DataType": "String",
        "MessageAttributes.entry.1.Value.StringValue": "b",
        "MessageAttributes.entry.2.Name": "state",
        "MessageAttributes.entry.2.Value.DataType": "String",
        "MessageAttributes.entry.2.Value.StringValue": "firing",
    }


def test_a_message_to_a_phone_is_short() -> None:
    with http_receiver(Amazon(OWN="hush-secret")) as receiver:
        sms = {"phone_number": "+123", "topic_arn": None, "message": "x" * 2_000, "subject": ""}
        send(_to(receiver, **sms, sigv4={**KEYS, "region": "us-east-1"}))
    asked = form(receiver.requests[0])
    assert (asked["PhoneNumber"], len(asked["Message"].encode())) == ("+123", 1_600)
    assert "Subject" not in asked


def test_what_is_too_long_is_cut_and_says_so() -> None:
    with http_receiver(Amazon(OWN="hush-secret")) as receiver:
        long = {"message": "{{ .CommonAnnotations.summary }}", "subject": "one\ntwo " + "x" * 200}
        to = _to(receiver, **long, topic_arn=None, target_arn=f"{TOPIC}-endpoint")
        send(to, notification(replace(FIRING, annotations={"summary": "ö" * 132_000})))
    asked = form(receiver.requests[0])
    assert 262_140 < len(asked["Message"].encode()) <= 262_144
    assert asked["MessageAttributes.entry.1.Name"] == "truncated"
    assert asked["Subject"] == "one two " + "x" * 90 + "…"
    assert asked["TargetArn"] == f"{TOPIC}-endpoint"


def test_queues_in_order_tell_notifications_apart() -> None:
    with http_receiver(Amazon(OWN="hush-secret")) as receiver:
        to = _to(receiver, topic_arn=f"{TOPIC}.fifo")
        for what in (notification(), notification(), notification(ENDED, now_ns=1)):
            send(to, what)
    groups = [form(taken)["MessageGroupId"] for taken in receiver.requests]
    first, again, ended = (form(taken)["MessageDeduplicationId"] for taken in receiver.requests)
    assert groups == [KEY_HASH] * 3
    assert first == again != ended


def test_keys_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "env-secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "env-token")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    amazon = Amazon(ENV="env-secret")
    with http_receiver(amazon) as receiver:
        send(_to(receiver, sigv4={}, topic_arn=None, phone_number="+123"))
    assert receiver.requests[0].headers["x-amz-security-token"] == "env-token"
    assert amazon.scopes == ["20260101/eu-central-1/sns/aws4_request"]


def test_keys_of_a_profile(tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text(
        "[ops]\naws_access_key_id = FILE\naws_secret_access_key = file-secret\n"
    )
    (tmp_path / "config").write_text("[profile ops]\nregion = ap-south-1\n")
    amazon = Amazon(FILE="file-secret")
    with http_receiver(amazon) as receiver:
        send(_to(receiver, sigv4={"profile": "ops"}, topic_arn=None, phone_number="+123"))
    assert amazon.scopes == ["20260101/ap-south-1/sns/aws4_request"]


def test_keys_of_a_role() -> None:
    amazon = Amazon(OWN="hush-secret", LENT="lent-secret")
    role = {"role_arn": "arn:aws:iam::1:role/r", "external_id": "e"}
    with http_receiver(amazon) as receiver:
        to = _to(receiver, sigv4={**KEYS, **role})
        assert isinstance(to.notifier, Sns)
        send(replace(to, notifier=replace(to.notifier, sts_url=f"{receiver.url}/")))
    lending, publishing = receiver.requests
    assert form(lending) == {
        "Action": "AssumeRole",
        "Version": "2011-06-15",
        "RoleArn": "arn:aws:iam::1:role/r",
        "RoleSessionName": "goldeneye",
        "ExternalId": "e",
    }
    assert publishing.headers["x-amz-security-token"] == "lent-token"
    assert [scope.split("/")[2] for scope in amazon.scopes] == ["sts", "sns"]


def test_a_wrong_secret_is_refused_and_not_shown() -> None:
    with http_receiver(Amazon(OWN="another")) as receiver:
        error = failure(_to(receiver))
    assert (error.status, error.retryable) == (403, False)
    assert error.text == (
        "unexpected status code 403: SignatureDoesNotMatch: The signature does not match."
    )


@pytest.mark.parametrize(("status", "retryable"), [(503, True), (429, True), (404, False)])
def test_which_answers_are_worth_another_attempt(status: int, retryable: bool) -> None:
    with http_receiver(in_turn(Reply(status, "hush-secret"))) as receiver:
        error = failure(_to(receiver))
    assert (error.status, error.retryable) == (status, retryable)
    assert error.text == f"unexpected status code {status}: <secret>"


def test_without_keys_or_region_nothing_is_sent() -> None:
    with http_receiver() as receiver:
        for config in ({"sigv4": {}}, {"topic_arn": None, "phone_number": "+1"}):
            error = failure(_to(receiver, **config))
            assert error.text.startswith("sigv4: no ")
    assert receiver.requests == []
