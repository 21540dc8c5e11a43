"""A mail server on loopback that writes down what it is told, one connection at a time."""

import base64
import hmac
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

from support.certificates import Pair

_CHALLENGE = "<1@here>"


@dataclass
class SmtpServer:
    """Users have passwords; `refusals` are replies by the beginning of a command."""

    users: dict[str, str] = field(default_factory=dict)
    mechanisms: str = ""
    starttls: Pair | None = None
    implicit_tls: Pair | None = None
    refusals: dict[str, str] = field(default_factory=dict)
    host: str = "127.0.0.1"
    port: int = 0
    commands: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)

    @property
    def smarthost(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def message(self) -> EmailMessage:
        """The only mail."""
        (mail,) = self.mails
        found = message_from_bytes(mail, policy=SMTP)
        assert isinstance(found, EmailMessage)
        return found


@contextmanager
def smtp_server(**settings: object) -> Iterator[SmtpServer]:
    server = SmtpServer(**settings)  # type: ignore[arg-type]

    class Handler(_Session):
        known = server

    listener = socketserver.ThreadingTCPServer((server.host, 0), Handler)
    listener.daemon_threads = True
    listener.handle_error = lambda *_: None  # type: ignore[method-assign]
    server.port = listener.server_address[1]
    thread = threading.Thread(target=listener.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()


class _Session(socketserver.BaseRequestHandler):
    known: SmtpServer

    def handle(self) -> None:
        self._secure = False
        if self.known.implicit_tls is not None:
            self._encrypt(self.known.implicit_tls)
        else:
            self._lines = self.request.makefile("rb")
        self._say("220 here ESMTP")
        while line := self._lines.readline().decode().strip():
            self.known.commands.append(line)
            reply = next(
                (r for command, r in self.known.refusals.items() if line.startswith(command)), None
            )
            if reply is not None:
                self._say(reply)
            elif not self._obey(*line.split(" ", 1)):
                return

    def _obey(self, command: str, rest: str = "") -> bool:
        match command.upper():
            case "EHLO":
                self._greet()
            case "STARTTLS":
                self._say("220 go on")
                assert self.known.starttls is not None
                self._encrypt(self.known.starttls)
            case "AUTH":
                self._say("235 welcome" if self._authentic(*rest.split(" ")) else "535 who?")
            case "DATA":
                self._say("354 go on")
                self.known.mails.append(self._content())
                self._say("250 taken as 1")
            case "QUIT":
                self._say("221 bye")
                return False
            case _:
                self._say("250 ok")
        return True

    def _greet(self) -> None:
        offers = ["here"]
        if self.known.starttls is not None and not self._secure:
            offers.append("STARTTLS")
        if self.known.mechanisms:
            offers.append(f"AUTH {self.known.mechanisms}")
        for offer in offers[:-1]:
            self._say(f"250-{offer}")
        self._say(f"250 {offers[-1]}")

    def _authentic(self, mechanism: str, initial: str = "") -> bool:
        if mechanism == "PLAIN":
            identity, user, password = base64.b64decode(initial).decode().split("\0")
        elif mechanism == "LOGIN":
            identity = ""
            user = base64.b64decode(initial).decode() if initial else self._ask("Username:")
            password = self._ask("Password:")
        else:
            user, _, digest = self._ask(_CHALLENGE).partition(" ")
            identity, password = "", self.known.users.get(user, "")
            wanted = hmac.new(password.encode(), _CHALLENGE.encode(), "md5").hexdigest()
            password = password if digest == wanted else "-"
        self.known.logins.append(" ".join(filter(None, (mechanism, identity, user))))
        return self.known.users.get(user) == password

    def _ask(self, question: str) -> str:
        self._say(f"334 {base64.b64encode(question.encode()).decode()}")
        return base64.b64decode(self._lines.readline()).decode()

    def _content(self) -> bytes:
        lines = list[bytes]()
        while (line := self._lines.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def _encrypt(self, pair: Pair) -> None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(pair.cert_file, pair.key_file)
        self.request: socket.socket = context.wrap_socket(self.request, server_side=True)
        self._lines = self.request.makefile("rb")
        self._secure = True

    def _say(self, line: str) -> None:
        self.request.sendall(f"{line}\r\n".encode())
