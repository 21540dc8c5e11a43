"""Which hosts a proxy is not for."""

import pytest

from alerting.documents.secret import Secret
from alerting.notifying.proxies import proxy_for
from alerting.routing.receivers.http_config import HttpConfig

CASES = [
    ("http://a.example.org", "", True),
    ("http://a.example.org", "example.org", False),
    ("http://example.org", "example.org", False),
    ("http://example.org", ".example.org", True),
    ("http://a.example.org", ".example.org", False),
    ("http://a.example.org", "*.example.org", False),
    ("http://badexample.org", "example.org", True),
    ("http://A.EXAMPLE.org", "Example.ORG", False),
    ("http://example.org:8080", "example.org:8080", False),
    ("http://example.org", "example.org:8080", True),
    ("https://example.org", "example.org:443", False),
    ("http://10.1.2.3", "10.0.0.0/8", False),
    ("http://11.1.2.3", "10.0.0.0/8", True),
    ("http://10.1.2.3", "10.1.2.3", False),
    ("http://[fd00::1]:80", "fd00::/8", False),
    ("http://[fd00::1]:80", "[fd00::1]:80", False),
    ("http://a.example.org", "b, *", False),
]


@pytest.mark.parametrize(("url", "no_proxy", "through"), CASES)
def test_excluded_hosts(url: str, no_proxy: str, through: bool) -> None:
    settings = HttpConfig(proxy_url=Secret("http://proxy:3128"), no_proxy=no_proxy)
    assert (proxy_for(url, settings) is not None) == through


def test_the_environment_is_asked_only_where_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "proxy:3128")
    asked = HttpConfig(proxy_from_environment=True)
    found = proxy_for("https://example.org", asked)
    assert found is not None
    assert found.url == "http://proxy:3128"
    assert proxy_for("http://example.org", asked) is None
    assert proxy_for("https://example.org", HttpConfig()) is None
    monkeypatch.setenv("NO_PROXY", "example.org")
    assert proxy_for("https://example.org", asked) is None
