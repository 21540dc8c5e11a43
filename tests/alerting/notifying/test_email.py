"""Mail over real SMTP, with and without TLS."""

from pathlib import Path
from typing import Any

import pytest
from support.certificates import Authority
from support.notifying import SUBJECT, failure, notification, send, sender_of
from support.smtp_server import SmtpServer, smtp_server

from alerting.notifying.notifiers import Sender
from goldeneye.errors import ConfigurationError


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def _to(server: SmtpServer, folder: Path | None = None, **config: Any) -> Sender:
    defaults = {
        "smtp_smarthost": server.smarthost,
        "smtp_from": "Goldeneye <alerts@example.org>",
        "smtp_require_tls": False,
    }
    return sender_of("email", {"to": "ops@example.org", **config}, defaults, folder=folder)


def test_the_default_mail() -> None:
    with smtp_server() as server:
        assert send(_to(server)).text == "taken as 1"
    assert [c for c in server.commands if c.split()[0] in ("EHLO", "MAIL", "RCPT")] == [
        "EHLO localhost",
        "MAIL FROM:<alerts@example.org>",
        "RCPT TO:<ops@example.org>",
    ]
    message = server.message
    assert message["Subject"] == SUBJECT
    assert message["From"] == "Goldeneye <alerts@example.org>"
    assert message["To"] == "ops@example.org"
    assert message["Date"] == "Thu, 01 Jan 2026 00:01:30 +0000"
    assert message["Message-Id"].endswith("@goldeneye>")
    assert message.get_content_type() == "text/html"
    html = message.get_content()
    assert "slow &lt;page&gt;" in html
    assert 'href="http://here/graph?q=1"' in html


def test_headers_and_both_texts_are_templates() -> None:
    config = {
        "to": "{{ .CommonLabels.severity }}@example.org, Two <two@example.org>",
        "from": "{{ .Status }}@example.org",
        "hello": "mail.example.org",
        "headers": {
            "subject": "Ä {{ .Status }}\nBcc: all@example.org",
            "X-Group": "{{ .GroupLabels.alertname }}",
            "Content-Type": "text/evil",
        },
        "text": "it is {{ .Status }}\n.\nstill",
        "html": "<b>{{ .CommonAnnotations.summary }}</b>",
    }
    with smtp_server() as server:
        send(_to(server, **config))
    assert server.commands[0] == "EHLO mail.example.org"
    assert "MAIL FROM:<firing@example.org>" in server.commands
    assert [c for c in server.commands if c.startswith("RCPT")] == [
        "RCPT TO:<critical@example.org>",
        "RCPT TO:<two@example.org>",
    ]
    message = server.message
    assert message["Subject"] == "Ä firing Bcc: all@example.org"
    assert message["Bcc"] is None
    assert message["X-Group"] == "Slow"
    assert message.get_content_type() == "multipart/alternative"
    plain, html = message.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert plain["Content-Transfer-Encoding"] == html["Content-Transfer-Encoding"]
    assert plain["Content-Transfer-Encoding"] == "quoted-printable"
    assert plain.get_content().replace("\r\n", "\n") == "it is firing\n.\nstill\n"  # type: ignore[attr-defined]
    assert html.get_content().strip() == "<b>slow &lt;page&gt;</b>"  # type: ignore[attr-defined]


@pytest.mark.parametrize("by_date", ["daily", "none"])
def test_mails_of_a_group_belong_together(by_date: str) -> None:
    config = {"threading": {"enabled": True, "thread_by_date": by_date}}
    with smtp_server() as server:
        send(_to(server, **config))
    day = "2026-01-01" if by_date == "daily" else ""
    root = f"<alert-{notification().key_hash[:16]}-{day}@goldeneye>"
    assert (server.message["References"], server.message["In-Reply-To"]) == (root, root)


@pytest.mark.parametrize(
    ("config", "fault"),
    [
        ({"threading": {"enabled": True}}, "thread_by_date must be either none or daily"),
        (
            {
                "threading": {"enabled": True, "thread_by_date": "none"},
                "headers": {"references": "x"},
            },
            "threading sets the header 'references' itself",
        ),
    ],
    ids=["by what", "header"],
)
def test_threads_that_cannot_be_are_refused(config: dict[str, Any], fault: str) -> None:
    with pytest.raises(ConfigurationError, match=fault):
        _to(SmtpServer(port=25), **config)


LOGIN = {"auth_username": "me", "auth_identity": "us", "auth_password": "hush-word"}


@pytest.mark.parametrize(
    ("mechanisms", "login"),
    [
        ("PLAIN LOGIN", "PLAIN us me"),
        ("LOGIN", "LOGIN me"),
        ("LOGIN CRAM-MD5 PLAIN", "CRAM-MD5 me"),
    ],
)
def test_ways_to_log_in(mechanisms: str, login: str, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hush-word\n")
    config = {
        "auth_username": "me",
        "auth_identity": "us",
        "auth_password_file": "password",
        "auth_secret": "hush-word",
    }
    with smtp_server(users={"me": "hush-word"}, mechanisms=mechanisms) as server:
        send(_to(server, tmp_path, **config))
    assert server.logins == [login]
    assert len(server.mails) == 1


def test_a_server_that_wants_no_login_gets_none() -> None:
    with smtp_server() as server:
        send(_to(server, **LOGIN))
    assert (server.logins, len(server.mails)) == ([], 1)


@pytest.mark.parametrize("mechanisms", ["PLAIN", "LOGIN"])
def test_a_wrong_password_is_a_failure_for_good_and_not_shown(mechanisms: str) -> None:
    with smtp_server(users={"me": "other"}, mechanisms=mechanisms) as server:
        error = failure(_to(server, **LOGIN))
    assert (error.status, error.retryable) == (535, False)
    assert error.text == f"{server.smarthost}: 535 who?"
    assert server.mails == []


def test_starttls(authority: Authority) -> None:
    with smtp_server(
        starttls=authority.issue("smtp"), users={"me": "hush-word"}, mechanisms="PLAIN"
    ) as server:
        tls = {"require_tls": True, "tls_config": {"ca_file": str(authority.ca_file)}}
        send(_to(server, **LOGIN, **tls))
    assert server.commands[:3] == ["EHLO localhost", "STARTTLS", "EHLO localhost"]
    assert len(server.mails) == 1


def test_without_starttls_nothing_is_sent_where_it_is_required() -> None:
    with smtp_server() as server:
        error = failure(_to(server, require_tls=True))
    assert error.retryable
    assert "STARTTLS extension not supported" in error.text
    assert "MAIL" not in " ".join(server.commands)


def test_tls_from_the_first_byte(authority: Authority) -> None:
    config = {"require_tls": True, "force_implicit_tls": True}
    with smtp_server(implicit_tls=authority.issue("smtp")) as server:
        send(_to(server, **config, tls_config={"ca_file": str(authority.ca_file)}))
        error = failure(_to(server, **config))
    assert "STARTTLS" not in server.commands
    assert "certificate" in error.text.lower()
    assert len(server.mails) == 1


def test_another_name_is_asked_for_and_checked(authority: Authority) -> None:
    tls = {"ca_file": str(authority.ca_file), "server_name": "mail.example.org"}
    with smtp_server(starttls=authority.issue("smtp")) as server:
        error = failure(_to(server, require_tls=True, tls_config=tls))
        send(_to(server, require_tls=True, tls_config={**tls, "server_name": "localhost"}))
    assert "mail.example.org" in error.text
    assert len(server.mails) == 1


@pytest.mark.parametrize(
    ("command", "reply", "retryable"),
    [
        ("MAIL", "451 later", True),
        ("MAIL", "552 too much", False),
        ("RCPT", "550 who?", False),
        ("RCPT", "450 busy", True),
        ("DATA", "421 closing", True),
        ("DATA", "554 spam", False),
    ],
)
def test_which_replies_are_worth_another_attempt(command: str, reply: str, retryable: bool) -> None:
    with smtp_server(refusals={command: reply}) as server:
        error = failure(_to(server))
    assert (error.status, error.retryable) == (int(reply[:3]), retryable)
    assert error.text == f"{server.smarthost}: {reply}"


def test_one_recipient_refused_is_said_and_the_others_get_the_mail() -> None:
    with smtp_server(refusals={"RCPT TO:<gone@": "550 who?"}) as server:
        sent = send(_to(server, to="ops@example.org, gone@example.org"))
    assert sent.text == "taken as 1; refused: gone@example.org: 550 who?"
    assert len(server.mails) == 1


def test_a_server_that_is_not_there_is_tried_again() -> None:
    with smtp_server() as server:
        pass
    error = failure(_to(server))
    assert error.retryable
    assert error.text.startswith(f"{server.smarthost}: ")


@pytest.mark.parametrize("mechanisms", ["PLAIN", "LOGIN"])
def test_a_password_never_leaves_for_another_machine_without_tls(mechanisms: str) -> None:
    # No name that we know as our own machine's.
    host = "127.0.0.2"
    with smtp_server(users={"me": "hush-word"}, mechanisms=mechanisms, host=host) as server:
        error = failure(_to(server, **LOGIN))
    assert (server.logins, error.retryable) == ([], False)
    assert error.text.endswith("the password is not sent over a connection without TLS")


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"to": "{{ .CommonLabels.none }}"}, "to: is empty"),
        ({"to": "{{ .None }}"}, "to: template: "),
        ({"to": "nobody"}, "to: 'nobody' are no addresses of mail"),
        ({"from": "a@example.org, b@example.org"}, "from: must be exactly one address"),
    ],
)
def test_addresses_that_are_none_are_named(config: dict[str, str], text: str) -> None:
    with smtp_server() as server:
        error = failure(_to(server, **config))
    assert not error.retryable
    assert error.text.startswith(text)
    assert server.commands == []


def test_a_broken_template_is_said_in_the_mail() -> None:
    with smtp_server() as server:
        sent = send(_to(server, html="<p>{{ .None }}</p>"))
    (error,) = sent.template_errors
    html = server.message.get_content()
    assert html.startswith('<pre>[FIRING:1] {alertname="Slow"} (template: ')
    assert error.split(":")[0] in html
