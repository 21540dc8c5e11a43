"""A certificate authority of the test's own, by the openssl command."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, as PEM files."""

    cert_file: Path
    key_file: Path

    def replace(self, new: "Pair") -> None:
        """Put `new` in place of these, each file in one step."""
        for old, other in ((self.key_file, new.key_file), (self.cert_file, new.cert_file)):
            beside = old.with_suffix(".new")
            shutil.copyfile(other, beside)
            os.replace(beside, old)


class Authority:
    """Signs certificates for localhost, and for clients."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._own = Pair(folder / f"{name}.pem", folder / f"{name}.key")
        _openssl(
            *("req", "-x509", *_NEW_KEY, "-keyout", self._own.key_file),
            *("-out", self._own.cert_file, "-days", 2, "-subj", f"/CN={name}"),
        )

    @property
    def ca_file(self) -> Path:
        """What the other side must trust."""
        return self._own.cert_file

    def issue(self, name: str) -> Pair:
        """A new certificate for localhost with `name` as its subject."""
        pair = Pair(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        request, extensions = self._folder / f"{name}.csr", self._folder / f"{name}.ext"
        extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n", encoding="ascii")
        _openssl(
            *("req", *_NEW_KEY, "-keyout", pair.key_file, "-out", request, "-subj", f"/CN={name}"),
        )
        _openssl(
            *("x509", "-req", "-in", request, "-CA", self._own.cert_file),
            *("-CAkey", self._own.key_file, "-CAcreateserial", "-days", 2),
            *("-extfile", extensions, "-out", pair.cert_file),
        )
        return pair


_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def _openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)
