"""Native histograms as the test language writes them: `{{schema:0 sum:5 buckets:[1 2]}}`."""

import re

from query.promql.native.arithmetic import add, subtract
from query.promql.native.histogram import Histogram, ResetHint

_FIELD = re.compile(r"([a-z_]+)\s*:\s*(\[[^\]]*\]|[^\s]+)")


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.strip("[]").split()]


def _buckets(fields: dict[str, str], name: str, offset: str) -> dict[int, float]:
    first = int(fields.get(offset, "0"))
    return {first + i: count for i, count in enumerate(_numbers(fields.get(name, "[]")))}


def histogram(text: str) -> Histogram:
    """What stands between the braces."""
    fields = dict(_FIELD.findall(text))
    return Histogram(
        schema=int(fields.get("schema", "0")),
        count=float(fields.get("count", "0")),
        sum=float(fields.get("sum", "0")),
        zero_threshold=float(fields.get("z_bucket_w", "0")),
        zero_count=float(fields.get("z_bucket", "0")),
        positive=_buckets(fields, "buckets", "offset"),
        negative=_buckets(fields, "n_buckets", "n_offset"),
        custom_bounds=tuple(_numbers(fields.get("custom_values", "[]"))),
        hint=ResetHint(fields.get("counter_reset_hint", "unknown")),
    )


def sequence(
    first: Histogram, added: Histogram | None, subtracted: bool, times: int
) -> list[Histogram]:
    """A histogram and what comes of adding another to it again and again."""
    found = [first]
    for _ in range(times):
        if added is not None:
            first = subtract(first, added) if subtracted else add(first, added)
        found.append(first)
    return found
