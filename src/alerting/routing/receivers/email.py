"""Email by SMTP."""

from dataclasses import dataclass, field

from alerting.documents.decode import Refused
from alerting.documents.kinds import FilePath, HostPort, SecretText
from alerting.routing.receivers.http_config import TlsConfig, at_most_one


@dataclass(frozen=True)
class Threading:
    """Whether mails of one group belong together, for a day or always."""

    enabled: bool = False
    thread_by_date: str = ""


@dataclass(frozen=True)
class EmailConfig:
    """What is None is taken from `global`; `html`, `text` and headers are templates."""

    to: str
    send_resolved: bool = False
    # `from` is no name in Python.
    from_: str = field(default="", metadata={"key": "from"})
    hello: str = ""
    smarthost: HostPort = ""
    auth_username: str = ""
    auth_password: SecretText | None = None
    auth_password_file: FilePath = ""
    auth_secret: SecretText | None = None
    auth_secret_file: FilePath = ""
    auth_identity: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    html: str = '{{ template "email.default.html" . }}'
    text: str = ""
    require_tls: bool | None = None
    tls_config: TlsConfig | None = None
    # None: by the port, 465 is TLS from the first byte.
    force_implicit_tls: bool | None = None
    threading: Threading = field(default_factory=Threading)

    def check(self) -> None:
        if not self.to:
            raise Refused("missing to address in email config", "to")
        at_most_one(auth_password=self.auth_password, auth_password_file=self.auth_password_file)
        at_most_one(auth_secret=self.auth_secret, auth_secret_file=self.auth_secret_file)
        seen = set[str]()
        for name in map(str.lower, self.headers):
            if name in seen:
                raise Refused(f"duplicate header {name!r} in email config", "headers")
            seen.add(name)
        if self.threading.enabled:
            for name in self.headers:
                if name.lower() in ("references", "in-reply-to"):
                    raise Refused(f"threading sets the header {name!r} itself", "headers")
            if self.threading.thread_by_date not in ("none", "daily"):
                raise Refused("thread_by_date must be either none or daily", "threading")
