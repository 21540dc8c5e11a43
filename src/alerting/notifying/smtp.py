"""One mail handed to a mail server."""

import asyncio
import base64
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import aiosmtplib

from alerting.notifying.masking import masked
from alerting.notifying.notification import SendFailed
from goldeneye.limits import RECEIVER_TIMEOUT_S

_IMPLICIT_TLS_PORT: Final = 465
_LOCAL: Final = ("localhost", "127.0.0.1", "::1")
# Replies of 5yz are for good, says RFC 5321.
_PERMANENT: Final = 500


@dataclass(frozen=True)
class Login:
    """What the server may ask for; CRAM-MD5 takes the secret, the others the password."""

    username: str = ""
    password: str = ""
    secret: str = ""
    identity: str = ""

    def __repr__(self) -> str:
        return f"Login({self.username!r})"


@dataclass(frozen=True)
class Server:
    """Where to, and how; `implicit_tls` of None goes by the port."""

    smarthost: str
    hello: str
    tls: ssl.SSLContext
    require_tls: bool
    implicit_tls: bool | None
    login: Login

    @property
    def host(self) -> str:
        return self.smarthost.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.smarthost.rpartition(":")[2])

    @property
    def tls_at_once(self) -> bool:
        if self.implicit_tls is None:
            return self.port == _IMPLICIT_TLS_PORT
        return self.implicit_tls


@dataclass(frozen=True)
class Mail:
    """The envelope and what is in it."""

    sender: str
    recipients: Sequence[str]
    content: bytes


async def hand_over(server: Server, mail: Mail) -> str:
    """What the server answered, and who was refused where others were not. Raises SendFailed."""
    secrets = (server.login.password, server.login.secret)
    try:
        async with asyncio.timeout(RECEIVER_TIMEOUT_S):
            return await _session(server, mail)
    except aiosmtplib.SMTPResponseException as error:
        reason = masked(f"{error.code} {error.message}", secrets)
        retryable = error.code < _PERMANENT
        raise SendFailed(
            f"{server.smarthost}: {reason}", retryable=retryable, status=error.code
        ) from None
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        late = isinstance(error, TimeoutError | aiosmtplib.SMTPTimeoutError)
        reason = f"no answer within {RECEIVER_TIMEOUT_S:g} s" if late else str(error)
        shown = masked(reason or type(error).__name__, secrets)
        raise SendFailed(f"{server.smarthost}: {shown}", retryable=True) from None
    except ValueError as error:
        raise SendFailed(
            f"{server.smarthost}: {masked(str(error), secrets)}", retryable=False
        ) from None


async def _session(server: Server, mail: Mail) -> str:
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        local_hostname=server.hello or "localhost",
        timeout=RECEIVER_TIMEOUT_S,
        use_tls=server.tls_at_once,
        start_tls=server.require_tls and not server.tls_at_once,
        tls_context=server.tls,
    )
    await client.connect()
    try:
        await client.ehlo()
        await _authenticate(client, server)
        await client.mail(mail.sender)
        refused = await _name_recipients(client, mail.recipients)
        answer = await client.data(mail.content)
        await _leave(client)
        return "; ".join((answer.message, *refused))
    finally:
        client.close()


async def _name_recipients(client: aiosmtplib.SMTP, recipients: Sequence[str]) -> list[str]:
    """Who was refused, unless that is everybody."""
    refused = list[aiosmtplib.SMTPRecipientRefused]()
    for recipient in recipients:
        try:
            await client.rcpt(recipient)
        except aiosmtplib.SMTPRecipientRefused as error:
            refused.append(error)
    if len(refused) == len(recipients):
        raise refused[0]
    return [f"refused: {e.recipient}: {e.code} {e.message}" for e in refused]


async def _leave(client: aiosmtplib.SMTP) -> None:
    """The mail is taken: whatever follows is no failure."""
    try:
        await client.quit()
    except (aiosmtplib.SMTPException, OSError):
        return


async def _authenticate(client: aiosmtplib.SMTP, server: Server) -> None:
    """By the first way that the server offers and we have something for."""
    login, offered = server.login, client.supported_auth_methods
    if not login.username or not offered:
        return
    encrypted = client.get_transport_info("sslcontext") is not None
    for method in offered:
        if method == "cram-md5" and login.secret:
            await client.auth_crammd5(login.username, login.secret)
            return
        if method in ("plain", "login") and login.password:
            if not encrypted and server.host not in _LOCAL:
                raise ValueError("the password is not sent over a connection without TLS")
            if method == "plain":
                await _plain(client, login)
            else:
                await client.auth_login(login.username, login.password)
            return
    raise ValueError(f"no way to log in among {', '.join(offered)}")


async def _plain(client: aiosmtplib.SMTP, login: Login) -> None:
    """With an identity, which the library leaves out."""
    said = f"{login.identity}\0{login.username}\0{login.password}".encode()
    answer = await client.execute_command(b"AUTH", b"PLAIN", base64.b64encode(said))
    if answer.code != aiosmtplib.SMTPStatus.auth_successful:
        raise aiosmtplib.SMTPAuthenticationError(answer.code, answer.message)
