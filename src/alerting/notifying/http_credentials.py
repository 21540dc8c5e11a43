"""Who we are to a receiver of HTTP: `basic_auth`, `authorization`, `oauth2`, headers."""

import base64
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote_plus, urlencode

from alerting.documents.secret import revealed
from alerting.notifying.http_client import Answer, Request, call, check
from alerting.notifying.notification import SendFailed
from alerting.routing.receivers.http_config import BasicAuth, Header, HttpConfig, OAuth2
from goldeneye.clock import Clock

Headers = list[tuple[str, str]]
# A token is renewed this long before it ends, as it must last for the request.
_EARLY_S: Final = 10.0
_UNAUTHORIZED: Final = 401


@dataclass
class Http:
    """Sends requests as `http_config` says; remembers the token of OAuth 2 while it is good."""

    config: HttpConfig
    clock: Clock
    _token: str = field(default="", repr=False)
    _token_until_s: float = 0.0

    async def call(self, request: Request) -> Answer:
        """The answer, whatever its status. Raises SendFailed where there is none."""
        answer = await call(
            request,
            self.config,
            self._credentials,
            follow_redirects=self.config.follow_redirects,
        )
        if answer.status == _UNAUTHORIZED:
            self._token = ""
        return answer

    async def send(self, request: Request) -> Answer:
        """An answer of 2xx. Raises SendFailed."""
        return check(await self.call(request))

    async def _credentials(self) -> tuple[Headers, list[str]]:
        """Headers, and the secrets in them. Raises ConfigurationError, SendFailed."""
        headers, secrets = Headers(), list[str]()
        for name, header in self.config.http_headers.items():
            open_values, hidden = _header_values(header)
            headers += [(name, value) for value in open_values + hidden]
            secrets += hidden
        kind, secret = await self._authorization()
        if kind:
            headers.append(("Authorization", f"{kind} {secret}"))
            secrets.append(secret)
        return headers, secrets

    async def _authorization(self) -> tuple[str, str]:
        config = self.config
        if config.basic_auth is not None:
            return "Basic", _basic(config.basic_auth)
        if config.authorization is not None:
            own = config.authorization
            return own.type.strip(), revealed(own.credentials, own.credentials_file)
        if config.bearer_token or config.bearer_token_file:
            return "Bearer", revealed(config.bearer_token, config.bearer_token_file)
        if config.oauth2 is not None:
            return "Bearer", await self._oauth2(config.oauth2)
        return "", ""

    async def _oauth2(self, config: OAuth2) -> str:
        if not self._token or self.clock.monotonic_s() >= self._token_until_s:
            asked_s = self.clock.monotonic_s()
            try:
                self._token, lasts_s = await _fetched(config)
            except SendFailed as error:
                raise error.of("oauth2") from None
            self._token_until_s = asked_s + lasts_s - _EARLY_S
        return self._token


def _basic(config: BasicAuth) -> str:
    username = config.username or revealed(None, config.username_file)
    password = revealed(config.password, config.password_file)
    return base64.b64encode(f"{username}:{password}".encode()).decode()


def _header_values(header: Header) -> tuple[list[str], list[str]]:
    hidden = [secret.reveal() for secret in header.secrets]
    return list(header.values), hidden + [revealed(None, file) for file in header.files]


async def _fetched(config: OAuth2) -> tuple[str, float]:
    """A token, and for how many seconds it is good."""
    secret = revealed(config.client_secret, config.client_secret_file)
    # As RFC 6749 wants them in the header of basic authentication.
    pair = f"{quote_plus(config.client_id)}:{quote_plus(secret)}"
    form = {"grant_type": "client_credentials", **config.endpoint_params}
    if config.scopes:
        form["scope"] = " ".join(config.scopes)
    request = Request(
        "POST",
        config.token_url,
        urlencode(form).encode(),
        {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
            "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
        },
        secrets=(secret, *config.endpoint_params.values()),
        secret_url=False,
    )
    answer = check(await call(request, config))
    try:
        said = answer.json()
        return str(said["access_token"]), float(said.get("expires_in") or "inf")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SendFailed("the answer holds no access_token", retryable=False) from None
