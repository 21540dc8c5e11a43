"""A small Amazon on loopback, which checks signatures by a reading of its own of the rules."""

import hashlib
import hmac
import re
from urllib.parse import parse_qsl

from support.http_receiver import Reply, Taken

ACCEPTED = (
    "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"
)
LENT = (
    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>LENT</AccessKeyId>"
    "<SecretAccessKey>lent-secret</SecretAccessKey><SessionToken>lent-token</SessionToken>"
    "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
)
_REFUSED = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code>"
    "<Message>The signature does not match.</Message></Error></ErrorResponse>"
)


def form(taken: Taken) -> dict[str, str]:
    """What a request asks for."""
    return dict(parse_qsl(taken.body.decode(), keep_blank_values=True))


class Amazon:
    """Knows secrets by access key."""

    def __init__(self, **secrets: str) -> None:
        self._secrets = secrets
        self.scopes: list[str] = []

    def __call__(self, taken: Taken) -> Reply:
        if not self._proven(taken):
            return Reply(403, _REFUSED)
        return Reply(200, LENT if form(taken)["Action"] == "AssumeRole" else ACCEPTED)

    def _proven(self, taken: Taken) -> bool:
        found = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\S+), SignedHeaders=(\S+), Signature=(\w{64})",
            taken.headers["authorization"],
        )
        assert found is not None
        key, scope, names, signature = found.groups()
        self.scopes.append(scope)
        day, region, service, end = scope.split("/")
        at = taken.headers["x-amz-date"]
        assert (day, end) == (at[:8], "aws4_request")
        assert {"host", "x-amz-date"} <= set(names.split(";"))
        lines = [taken.method, taken.path, ""]
        lines += [f"{name}:{taken.headers[name]}" for name in names.split(";")]
        lines += ["", names, hashlib.sha256(taken.body).hexdigest()]
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        secret = b"AWS4" + self._secrets[key].encode()
        for part in (day, region, service, end):
            secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
        text = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{digest}"
        return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest() == signature
