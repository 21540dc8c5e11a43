"""How notifiers speak HTTP: credentials, proxies, TLS."""

from dataclasses import dataclass, field

from alerting.documents.decode import Refused
from alerting.documents.kinds import FilePath, SecretText, SecretUrl, Url

_TLS_VERSIONS = ("", "TLS10", "TLS11", "TLS12", "TLS13")


def at_most_one(**given: object) -> None:
    """Raises Refused where more than one of the fields says something."""
    present = [name for name, value in given.items() if value]
    if len(present) > 1:
        raise Refused(f"at most one of {' & '.join(given)} must be configured", present[1])


def one_of(**given: object) -> None:
    """Raises Refused unless exactly one of the fields says something."""
    at_most_one(**given)
    if not any(given.values()):
        raise Refused(f"one of {' or '.join(given)} must be configured")


@dataclass(frozen=True)
class TlsConfig:
    """Certificates, as texts or files."""

    ca: str = ""
    cert: str = ""
    key: SecretText | None = None
    ca_file: FilePath = ""
    cert_file: FilePath = ""
    key_file: FilePath = ""
    server_name: str = ""
    insecure_skip_verify: bool = False
    min_version: str = ""
    max_version: str = ""

    def check(self) -> None:
        at_most_one(ca=self.ca, ca_file=self.ca_file)
        at_most_one(cert=self.cert, cert_file=self.cert_file)
        at_most_one(key=self.key, key_file=self.key_file)
        if bool(self.cert or self.cert_file) != bool(self.key or self.key_file):
            raise Refused("a certificate and its key must be configured together")
        for name in ("min_version", "max_version"):
            if getattr(self, name) not in _TLS_VERSIONS:
                raise Refused(f"unknown TLS version: {getattr(self, name)}", name)


@dataclass(frozen=True)
class BasicAuth:
    """Name and password."""

    username: str = ""
    username_file: FilePath = ""
    password: SecretText | None = None
    password_file: FilePath = ""

    def check(self) -> None:
        at_most_one(username=self.username, username_file=self.username_file)
        at_most_one(password=self.password, password_file=self.password_file)


@dataclass(frozen=True)
class Authorization:
    """The header of that name."""

    type: str = "Bearer"
    credentials: SecretText | None = None
    credentials_file: FilePath = ""

    def check(self) -> None:
        at_most_one(credentials=self.credentials, credentials_file=self.credentials_file)
        if self.type.strip().lower() == "basic":
            raise Refused('authorization type cannot be set to "basic", use "basic_auth"', "type")


@dataclass(frozen=True)
class OAuth2:
    """Client credentials."""

    client_id: str
    token_url: Url
    client_secret: SecretText | None = None
    client_secret_file: FilePath = ""
    scopes: tuple[str, ...] = ()
    endpoint_params: dict[str, str] = field(default_factory=dict)
    tls_config: TlsConfig = field(default_factory=TlsConfig)
    proxy_url: SecretUrl | None = None
    no_proxy: str = ""
    proxy_from_environment: bool = False
    proxy_connect_header: dict[str, tuple[SecretText, ...]] = field(default_factory=dict)

    def check(self) -> None:
        at_most_one(client_secret=self.client_secret, client_secret_file=self.client_secret_file)


@dataclass(frozen=True)
class Header:
    """Values of one header."""

    values: tuple[str, ...] = ()
    secrets: tuple[SecretText, ...] = ()
    files: tuple[FilePath, ...] = ()


@dataclass(frozen=True)
class HttpConfig:
    """What `http_config` says."""

    basic_auth: BasicAuth | None = None
    authorization: Authorization | None = None
    oauth2: OAuth2 | None = None
    bearer_token: SecretText | None = None
    bearer_token_file: FilePath = ""
    enable_http2: bool = True
    proxy_url: SecretUrl | None = None
    no_proxy: str = ""
    proxy_from_environment: bool = False
    proxy_connect_header: dict[str, tuple[SecretText, ...]] = field(default_factory=dict)
    follow_redirects: bool = True
    tls_config: TlsConfig = field(default_factory=TlsConfig)
    http_headers: dict[str, Header] = field(default_factory=dict)

    def check(self) -> None:
        at_most_one(
            basic_auth=self.basic_auth,
            oauth2=self.oauth2,
            authorization=self.authorization,
            bearer_token=self.bearer_token,
            bearer_token_file=self.bearer_token_file,
        )
        at_most_one(proxy_url=self.proxy_url, proxy_from_environment=self.proxy_from_environment)
