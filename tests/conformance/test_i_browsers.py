"""I: browsers that need no permission: what their SDKs send once they may."""

from concurrent.futures import ThreadPoolExecutor

from support.items import json_span
from support.live import JSON, Live


def test_136_bursts_of_small_requests_are_taken(live: Live) -> None:
    """As when a page is hidden: nine at once, of 64 KiB together."""
    body = json_span(name="x" * 7_000)
    with ThreadPoolExecutor(9) as pool:
        posts = [pool.submit(live.accept, "/v1/traces", body, JSON) for _ in range(9)]
        for post in posts:
            post.result()
    assert live.count("spans") == 9


def test_137_uncompressed_json_is_taken(live: Live) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"
    live.accept("/v1/traces", json_span(kind=3), JSON, user_agent=agent)
    assert live.row("spans", "kind") == {"kind": "client"}
