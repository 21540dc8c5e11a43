"""`tls_config` as Python's TLS wants it."""

import ssl
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

from alerting.documents.secret import revealed
from alerting.routing.receivers.http_config import TlsConfig
from goldeneye.errors import ConfigurationError

_VERSIONS: Final = {
    "TLS10": ssl.TLSVersion.TLSv1,
    "TLS11": ssl.TLSVersion.TLSv1_1,
    "TLS12": ssl.TLSVersion.TLSv1_2,
    "TLS13": ssl.TLSVersion.TLSv1_3,
}


class _Named(ssl.SSLContext):
    """Asks for, and checks, another name than that of the host it connects to."""

    name: str

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        return super().wrap_bio(incoming, outgoing, server_side, self.name, session)


def tls_context(config: TlsConfig | None) -> ssl.SSLContext:
    """Reads the files it names. Raises ConfigurationError."""
    if config is None or config == TlsConfig():
        return _system()
    context = _empty(config.server_name)
    try:
        # What loads them does not say which of them is missing.
        for file in filter(None, (config.ca_file, config.cert_file, config.key_file)):
            Path(file).read_bytes()
        _trust(context, config)
        _identify(context, config)
    except OSError as error:  # SSLError is one
        where = f"{error.filename}: " if error.filename else ""
        reason = f"{where}{error.strerror or error}"
        raise ConfigurationError(f"tls_config cannot be used: {reason}") from None
    if config.min_version:
        context.minimum_version = _VERSIONS[config.min_version]
    if config.max_version:
        context.maximum_version = _VERSIONS[config.max_version]
    return context


@cache
def _system() -> ssl.SSLContext:
    """With the machine's authorities: reading them takes tens of milliseconds."""
    return ssl.create_default_context()


def _empty(server_name: str) -> ssl.SSLContext:
    if not server_name:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = _Named(ssl.PROTOCOL_TLS_CLIENT)
    context.name = server_name
    return context


def _trust(context: ssl.SSLContext, config: TlsConfig) -> None:
    if config.insecure_skip_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif config.ca:
        context.load_verify_locations(cadata=config.ca)
    elif config.ca_file:
        context.load_verify_locations(cafile=config.ca_file)
    else:
        context.load_default_certs()


def _identify(context: ssl.SSLContext, config: TlsConfig) -> None:
    if not (config.cert or config.cert_file):
        return
    # Python takes certificates from files only; these are ours alone, and for this moment.
    with tempfile.TemporaryDirectory(prefix="goldeneye-") as folder:
        certificate, key = Path(config.cert_file), Path(config.key_file)
        if config.cert:
            certificate = _written(Path(folder, "certificate"), config.cert)
        if not config.key_file:
            key = _written(Path(folder, "key"), revealed(config.key, ""))
        context.load_cert_chain(certificate, key)


def _written(path: Path, text: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return path
