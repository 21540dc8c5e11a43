"""What Prometheus's `/rules` is asked, in its words; what it does not know is passed over."""

from hashlib import sha1
from typing import Any, Final, NamedTuple, Protocol

from alerting.go_strings import quote
from alerting.matching.matcher import Matchers
from alerting.matching.parse import parse_matchers
from alerting.rule_pages.prometheus import Wanted
from goldeneye.errors import InvalidRequest

# As Go's ParseBool.
_BOOLEANS: Final = {
    **dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), True),
    **dict.fromkeys(("", "0", "f", "F", "FALSE", "false", "False"), False),
}


class Parameters(Protocol):
    """A query string's."""

    def get(self, key: str, default: str, /) -> str: ...

    def getlist(self, key: str, /) -> list[str]: ...


class Page(NamedTuple):
    """As many groups, after the one of the token; None for all of them."""

    limit: int | None
    token: str


def wanted(given: Parameters) -> Wanted:
    """Raises InvalidRequest with Prometheus's text."""
    kind = given.get("type", "").lower()
    if kind not in ("", "alert", "record"):
        raise _invalid("type", f"not supported value {quote(kind)}")
    hidden = given.get("exclude_alerts", "")
    if hidden not in _BOOLEANS:
        what = f"error converting exclude_alerts: invalid syntax: {quote(hidden)}"
        raise _invalid("exclude_alerts", what)
    return Wanted(
        kind or None,  # type: ignore[arg-type]
        given.getlist("rule_name[]"),
        given.getlist("rule_group[]"),
        given.getlist("file[]"),
        _BOOLEANS[hidden],
        [_matchers(text) for text in given.getlist("match[]")],
    )


def page(given: Parameters) -> Page:
    """Raises InvalidRequest with Prometheus's text."""
    limit, token = given.get("group_limit", ""), given.get("group_next_token", "")
    if not limit:
        if token:
            what = "group_limit needs to be present in order to paginate over the groups"
            raise _invalid("group_next_token", what)
        return Page(None, "")
    if not (limit.isascii() and limit.lstrip("-").isdigit()):
        raise _invalid("group_limit", f"group_limit needs to be a valid number: {quote(limit)}")
    if int(limit) <= 0:
        raise _invalid("group_limit", "group_limit needs to be greater than 0")
    return Page(int(limit), token)


def paged(groups: list[dict[str, Any]], asked: Page) -> dict[str, Any]:
    """`data` of `/rules`. Raises InvalidRequest for a token that no group has."""
    if asked.limit is None:
        return {"groups": groups}
    first = 0
    if asked.token:
        tokens = [_token(one) for one in groups]
        if asked.token not in tokens:
            what = f"invalid group_next_token '{asked.token}'. were rule groups changed?"
            raise _invalid("group_next_token", what)
        first = tokens.index(asked.token)
    rest = groups[first + asked.limit :]
    more = {"groupNextToken": _token(rest[0])} if rest else {}
    return {"groups": groups[first : first + asked.limit], **more}


def _token(group: dict[str, Any]) -> str:
    place = f"{group['file']};{group['name']}".encode()
    return sha1(place, usedforsecurity=False).hexdigest()


def _matchers(text: str) -> Matchers:
    try:
        return parse_matchers(text)[0]
    except ValueError as error:
        raise _invalid("match[]", str(error)) from error


def _invalid(name: str, what: str) -> InvalidRequest:
    return InvalidRequest(f'invalid parameter "{name}": {what}')
