"""What the commands' options become for httpx, and for the SDK."""

import os
from pathlib import Path

import pytest

from goldeneye.commands.credentials import Credentials
from goldeneye.errors import ConfigurationError


def test_a_token_is_a_header_and_none_is_none() -> None:
    assert Credentials("t").headers() == {"Authorization": "Bearer t"}
    assert Credentials().headers() == {}
    assert Credentials().http_options() == {"headers": {}, "verify": True}


def test_a_certificate_without_its_key_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="--cert-file and --key-file go together"):
        Credentials(cert_file=Path("client.pem"))


@pytest.mark.parametrize("text", [None, "no PEM"])
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "ca.pem"
    if text is not None:
        file.write_text(text, encoding="ascii")
    with pytest.raises(ConfigurationError, match=r"cannot be used for TLS: .*ca\.pem"):
        Credentials(ca_file=file).http_options()


def test_the_sdk_is_told_by_its_variables_beside_headers_of_the_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-team=shop")
    for variable in ("REQUESTS_CA_BUNDLE", "OTEL_EXPORTER_OTLP_CERTIFICATE"):
        monkeypatch.setenv(variable, "another.pem")
    Credentials("a=b,c", Path("ca.pem")).to_sdk()
    headers = os.environ["OTEL_EXPORTER_OTLP_HEADERS"]
    assert headers == "x-team=shop,authorization=Bearer%20a%3Db%2Cc"
    assert os.environ["OTEL_EXPORTER_OTLP_CERTIFICATE"] == "ca.pem"
    assert "REQUESTS_CA_BUNDLE" not in os.environ
