"""TLS of a listener: its files, checked when they are read, and used anew when they change."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from goldeneye.errors import StartupError
from goldeneye.reloaded import Reloaded

# The servers' parser speaks HTTP/1.1; clients that could do more are told so in the handshake.
_HTTP_PROTOCOLS: Final = ("http/1.1",)


@dataclass(frozen=True)
class TlsFiles:
    """PEM files, and the section of the configuration that names them.

    With `client_ca_file`, clients must show a certificate that it signed.
    """

    section: str
    cert_file: Path
    key_file: Path
    client_ca_file: Path | None = None

    def paths(self) -> list[Path]:
        files = [self.cert_file, self.key_file, self.client_ca_file]
        return [file for file in files if file is not None]


@dataclass(frozen=True)
class Certificates:
    """The files' contents, which fit one another, and a context that uses them."""

    cert: bytes
    key: bytes
    client_ca: bytes | None
    context: ssl.SSLContext


class Tls:
    """The certificates of one listener, as its files say them now."""

    def __init__(self, files: TlsFiles) -> None:
        """StartupError names the key and the path of a file that cannot be used."""
        self.files = files
        self._certificates = Reloaded(files.section, files.paths(), lambda: read(files))

    @property
    def is_mutual(self) -> bool:
        return self.files.client_ca_file is not None

    @property
    def error(self) -> str | None:
        """Why the files as they are now are not in use; None where they are."""
        return self._certificates.error

    def current(self) -> Certificates:
        return self._certificates.current()

    def context(self) -> ssl.SSLContext:
        """For a server: each connection takes the certificates of its moment."""
        return _Entrance(self)


class _Entrance(ssl.SSLContext):
    """Stands for the context of the moment.

    Each change has a context of its own: loading into the one in use would break it where the
    new files do not fit, and would let clients resume sessions that the old authorities allowed.
    """

    _tls: Tls

    def __new__(cls, tls: Tls) -> "_Entrance":
        entrance = super().__new__(cls, ssl.PROTOCOL_TLS_SERVER)
        entrance._tls = tls
        return entrance

    def wrap_bio(self, *arguments: Any, **options: Any) -> ssl.SSLObject:
        return self._tls.current().context.wrap_bio(*arguments, **options)


def read(files: TlsFiles) -> Certificates:
    """The files' contents; StartupError where they cannot be used together."""
    cert = _contents(files, "cert_file", files.cert_file)
    key = _contents(files, "key_file", files.key_file)
    ca_file = files.client_ca_file
    client_ca = None if ca_file is None else _contents(files, "client_ca_file", ca_file)
    context = _context()
    _load(context, files)
    return Certificates(cert, key, client_ca, context)


def _contents(files: TlsFiles, key: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StartupError(
            f"{files.section}.{key}: {path} cannot be read: {error.strerror}"
        ) from error


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(_HTTP_PROTOCOLS)
    return context


def _load(context: ssl.SSLContext, files: TlsFiles) -> None:
    _check_certificate(files, "cert_file", files.cert_file)
    _load_chain(context, files)
    if files.client_ca_file is not None:
        _check_certificate(files, "client_ca_file", files.client_ca_file)
        context.load_verify_locations(files.client_ca_file)
        context.verify_mode = ssl.CERT_REQUIRED


def _check_certificate(files: TlsFiles, key: str, path: Path) -> None:
    """OpenSSL does not say which of two files is at fault, so each is tried by itself."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_verify_locations(path)
    except (OSError, ssl.SSLError) as error:
        raise StartupError(f"{files.section}.{key}: {path} holds no PEM certificate") from error


def _load_chain(context: ssl.SSLContext, files: TlsFiles) -> None:
    section, key_file = files.section, files.key_file
    try:
        context.load_cert_chain(files.cert_file, key_file, password=_no_password)
    except _Encrypted:
        raise StartupError(
            f"{section}.key_file: {key_file} is encrypted; give a key without a passphrase"
        ) from None
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise StartupError(
                f"{section}.key_file: {key_file} is not the key of {files.cert_file} "
                f"({section}.cert_file)"
            ) from error
        raise StartupError(
            f"{section}.key_file: {key_file} is no PEM private key that fits {files.cert_file} "
            f"({section}.cert_file): {error.reason or error}"
        ) from error
    except OSError as error:
        raise StartupError(
            f"{section}.key_file: {key_file} cannot be read: {error.strerror}"
        ) from error


class _Encrypted(Exception):
    """A passphrase would be needed."""


def _no_password() -> str:
    # Without this, OpenSSL asks on the terminal, and the start hangs.
    raise _Encrypted
