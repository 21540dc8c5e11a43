"""How a command shows a server who it is, and knows that it is the right server."""

import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from goldeneye.errors import ConfigurationError

# What the OpenTelemetry SDK reads; its variables of a single signal still come first.
_SDK_VARIABLES: Final = {
    "ca_file": "OTEL_EXPORTER_OTLP_CERTIFICATE",
    "cert_file": "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
    "key_file": "OTEL_EXPORTER_OTLP_CLIENT_KEY",
}
# The library below the SDK's HTTP exporters believes these more than what it is told.
_BUNDLE_VARIABLES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_SDK_HEADERS: Final = "OTEL_EXPORTER_OTLP_HEADERS"


@dataclass(frozen=True)
class Credentials:
    """A bearer token, whom to trust instead of the system's authorities, and a certificate."""

    token: str | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None

    def __post_init__(self) -> None:
        if (self.cert_file is None) != (self.key_file is None):
            raise ConfigurationError("--cert-file and --key-file go together")

    def http_options(self) -> dict[str, Any]:
        """Arguments for httpx."""
        return {"headers": self.headers(), "verify": self._context()}

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def _context(self) -> ssl.SSLContext | bool:
        if self.ca_file is None and self.cert_file is None:
            return True
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
            if self.cert_file is not None:
                context.load_cert_chain(self.cert_file, self.key_file)
        except OSError as error:  # SSLError is one
            files = [self.ca_file, self.cert_file, self.key_file]
            named = ", ".join(str(file) for file in files if file is not None)
            raise ConfigurationError(f"cannot be used for TLS: {named}: {error}") from error
        return context

    def to_sdk(self) -> None:
        """Set what the SDK's exporters read from the environment."""
        for name, variable in _SDK_VARIABLES.items():
            if (file := getattr(self, name)) is not None:
                os.environ[variable] = str(file)
        if self.ca_file is not None:
            for variable in _BUNDLE_VARIABLES:
                os.environ.pop(variable, None)
        if self.token:
            ours = f"authorization=Bearer%20{quote(self.token, safe='')}"
            others = os.environ.get(_SDK_HEADERS)
            os.environ[_SDK_HEADERS] = f"{others},{ours}" if others else ours


NO_CREDENTIALS: Final = Credentials()
