"""Amazon's signature against the examples that Amazon published."""

from datetime import UTC, datetime

import pytest

from alerting.notifying.sigv4 import Keys, Scope, signed

KEYS = Keys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
SERVICE = Scope("us-east-1", "service")
AT_NS = int(datetime(2015, 8, 30, 12, 36, tzinfo=UTC).timestamp()) * 1_000_000_000
HOST = "https://example.amazonaws.com"
FORM = "application/x-www-form-urlencoded"
CASES = {
    "get-vanilla": (
        SERVICE, "GET", f"{HOST}/", {}, b"", "host;x-amz-date",
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    ),
    "post-vanilla": (
        SERVICE, "POST", f"{HOST}/", {}, b"", "host;x-amz-date",
        "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    ),
    "get-vanilla-query-order-key-case": (
        SERVICE, "GET", f"{HOST}/?Param2=value2&Param1=value1", {}, b"", "host;x-amz-date",
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ),
    "get-header-value-trim": (
        SERVICE, "GET", f"{HOST}/",
        {"My-Header1": " value1", "My-Header2": ' "a   b   c"'}, b"",
        "host;my-header1;my-header2;x-amz-date",
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ),
    "post-x-www-form-urlencoded": (
        SERVICE, "POST", f"{HOST}/", {"Content-Type": FORM}, b"Param1=value1",
        "content-type;host;x-amz-date",
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ),
    "the example of the manual": (
        Scope("us-east-1", "iam"), "GET",
        "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
        {"Content-Type": f"{FORM}; charset=utf-8"}, b"", "content-type;host;x-amz-date",
        "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_published_examples(name: str) -> None:
    scope, method, url, headers, body, names, signature = CASES[name]
    found = signed(KEYS, scope, method, url, headers, body, AT_NS)
    assert found["X-Amz-Date"] == "20150830T123600Z"
    assert found["Authorization"] == (
        f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/{scope.service}/aws4_request, "
        f"SignedHeaders={names}, Signature={signature}"
    )


def test_a_session_token_is_signed_with_the_rest() -> None:
    lent = Keys(KEYS.access_key, KEYS.secret_key, "token")
    found = signed(lent, SERVICE, "POST", f"{HOST}/", {}, b"", AT_NS)
    assert found["X-Amz-Security-Token"] == "token"
    assert "SignedHeaders=host;x-amz-date;x-amz-security-token," in found["Authorization"]


def test_keys_do_not_show_their_secret() -> None:
    assert repr(KEYS) == "Keys(AKIDEXAMPLE)"
