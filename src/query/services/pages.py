"""Pages of a list that is made as a whole, whose entries each have a key of their own."""

from collections.abc import Callable, Mapping
from typing import Any

from goldeneye.cursor import decode_cursor, encode_cursor
from query.asking.api import Page

Key = Callable[[Mapping[str, Any]], list[Any]]


def paged(answer: Mapping[str, Any], noun: str, page: Page, key: Key) -> dict[str, Any]:
    """The answer with those of its entries `noun` that are the page's.

    They are in the order of `key`, a list of JSON values, by which a page goes on where the one
    before ended, whatever came in between. Raises InvalidRequest.
    """
    described = page.model_dump(exclude={"limit", "cursor"}) | {"list": noun}
    entries = answer[noun]
    if page.cursor is not None:
        last = decode_cursor(page.cursor, described)
        entries = [entry for entry in entries if key(entry) > last]
    shown = entries[: page.limit]
    more = {}
    if len(shown) < len(entries):
        more["next_cursor"] = encode_cursor(key(shown[-1]), described)
    return {**answer, noun: shown, **more}
