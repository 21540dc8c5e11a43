"""What errors show of addresses and secrets."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.notifying.masking import masked, shown_url, url_secrets

URL = "https://me:hush-word@example.org:8443/services/T0/hush-token?key=hush-key"


@pytest.mark.parametrize(
    "text",
    [
        f"cannot reach {URL}",
        "POST /services/T0/hush-token?key=hush-key",
        "what is hush-token",
        "key=hush-key",
        "hush-word is wrong",
        "%2Fservices%2FT0%2Fhush-token%3Fkey%3Dhush-key",
    ],
)
def test_nothing_of_an_address_but_its_host(text: str) -> None:
    shown = masked(text, url_secrets(URL))
    assert "hush" not in shown
    assert "<secret>" in shown


def test_the_host_tells_who_it_is() -> None:
    assert shown_url(URL) == "https://example.org:8443/<secret>"
    assert shown_url("http://[::1") == "<secret>"
    assert url_secrets("http://[::1") == ["http://[::1"]


@settings(deadline=None, max_examples=50)
@given(st.text(), st.text(min_size=4, alphabet="abcdefghXYZ/&?"), st.text())
def test_no_secret_passes(before: str, secret: str, after: str) -> None:
    assert secret not in masked(f"{before}{secret}{after}", [secret]).replace("<secret>", "\0")


def test_one_line_of_bounded_length() -> None:
    assert masked("a\r\nb\tc", []) == "a b c"
    assert len(masked("x" * 5_000, [])) == 1_000
