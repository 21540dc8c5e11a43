"""Who signs requests to Amazon: the configuration, a profile, the environment, a role."""

import configparser
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from alerting.documents.secret import revealed
from alerting.notifying.http_client import Answer, Request, refused
from alerting.notifying.http_credentials import Http
from alerting.notifying.notification import SendFailed
from alerting.notifying.sigv4 import Keys, Scope, signed
from alerting.routing.receivers.sns import Sigv4Config

_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
_SESSION: Final = "goldeneye"


@dataclass(frozen=True)
class Signer:
    """Keys, and the region that they are used in."""

    keys: Keys
    region: str

    def request(self, service: str, url: str, form: dict[str, str], now_ns: int) -> Request:
        """A signed POST of a form."""
        body = urlencode(form).encode()
        scope = Scope(self.region, service)
        headers = signed(self.keys, scope, "POST", url, _FORM, body, now_ns)
        secrets = (self.keys.secret_key, self.keys.session_token)
        return Request("POST", url, body, headers, secrets, secret_url=False)


def signer(config: Sigv4Config, region: str) -> Signer:
    """`region` is that of the topic. Raises ConfigurationError, SendFailed."""
    profile = _profile(config.profile or os.environ.get("AWS_PROFILE", ""))
    found = (
        config.region
        or region
        or os.environ.get("AWS_REGION")
        or os.environ.get("AWS_DEFAULT_REGION")
        or profile.get("region", "")
    )
    if not found:
        raise SendFailed("sigv4: no region is configured", retryable=False)
    if config.access_key:
        return Signer(Keys(config.access_key, revealed(config.secret_key, "")), found)
    environment = os.environ if not config.profile else {}
    names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    values = [environment.get(name.upper()) or "" for name in names]
    if not (values[0] and values[1]):
        values = [profile.get(name, "") for name in names]
    if not (values[0] and values[1]):
        raise SendFailed(
            "sigv4: no credentials in the configuration, the environment or a profile",
            retryable=False,
        )
    return Signer(Keys(*values), found)


def _profile(name: str) -> dict[str, str]:
    """What Amazon's own files say of a profile; nothing where they are not there."""
    home = Path.home() / ".aws"
    files = {
        os.environ.get("AWS_SHARED_CREDENTIALS_FILE", str(home / "credentials")): "",
        os.environ.get("AWS_CONFIG_FILE", str(home / "config")): "profile ",
    }
    found, section = dict[str, str](), name or "default"
    for file, prefix in reversed(files.items()):
        parser = configparser.RawConfigParser()
        try:
            parser.read(file, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            raise SendFailed(f"{file}: cannot be read", retryable=False) from None
        for title in (section, f"{prefix}{section}"):
            if parser.has_section(title):
                found |= dict(parser.items(title))
    return found


async def in_role(
    own: Signer, config: Sigv4Config, http: Http, endpoint: str, now_ns: int
) -> Signer:
    """With the keys of `role_arn`, which the service at `endpoint` lends. Raises SendFailed."""
    form = {
        "Action": "AssumeRole",
        "Version": "2011-06-15",
        "RoleArn": config.role_arn,
        "RoleSessionName": _SESSION,
    }
    if config.external_id:
        form["ExternalId"] = config.external_id
    answer = await http.send(own.request("sts", endpoint, form, now_ns))
    lent = (_element(answer, n) for n in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
    return replace(own, keys=Keys(*lent))


def sts_endpoint(config: Sigv4Config, region: str) -> str:
    """Who lends the keys of roles."""
    fips = "-fips" if config.use_fips_sts_endpoint else ""
    return f"https://sts{fips}.{region}.{domain(region)}/"


def domain(region: str) -> str:
    """China has another."""
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"


def _element(answer: Answer, name: str) -> str:
    # Keys hold no character that XML would escape.
    found = re.search(rf"<{name}>\s*([^<]+?)\s*</{name}>", answer.text)
    if found is None:
        raise refused(answer, f"sts: the answer holds no {name}", retryable=False)
    return found[1]
