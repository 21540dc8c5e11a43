"""Labels as sent: checked as Prometheus checks them."""

import json
from collections.abc import Iterable
from itertools import pairwise

from goldeneye.errors import InvalidRequest
from goldeneye.limits import MAX_ERROR_MESSAGE_CHARS
from query.promql.remote_write.series import METRIC_NAME

Pairs = Iterable[tuple[str, str]]


def lenient_text(text: bytes) -> str:
    """What is not UTF-8 is kept so that `is_text` sees it and an error can show it."""
    return text.decode(errors="surrogateescape")


def is_text(text: str) -> bool:
    """Whether a `lenient_text` was UTF-8."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def checked_text(text: str, what: str) -> str:
    """Raises InvalidRequest where it was not UTF-8."""
    if not is_text(text):
        raise InvalidRequest(f"{what} is not valid UTF-8")
    return text


def checked_labels(pairs: Pairs) -> dict[str, str]:
    """Sorted by name, in whichever order they came; without the empty, which are no labels.

    Raises InvalidRequest for a label that is twice there, nameless or not UTF-8, and where the
    metric's name is missing.
    """
    sent = sorted(pairs)
    if not all(name and is_text(name) and is_text(value) for name, value in sent):
        raise InvalidRequest(f"invalid metric name or labels, got {_written(sent)}")
    labels = dict(sent)
    if len(labels) < len(sent):
        twice = next(a for (a, _), (b, _) in pairwise(sent) if a == b)
        raise InvalidRequest(
            f"invalid labels for series, labels {_written(sent)}, duplicated label {twice}"
        )
    if not labels.get(METRIC_NAME):
        raise InvalidRequest(f"invalid metric name or labels, got {_written(sent)}")
    return {name: value for name, value in labels.items() if value}


def exemplar_labels(pairs: Pairs) -> dict[str, str]:
    """Raises InvalidRequest where one is not UTF-8."""
    labels = dict(pairs)
    if not all(is_text(name) and is_text(value) for name, value in labels.items()):
        raise InvalidRequest("an exemplar's labels are not valid UTF-8")
    return labels


def _written(pairs: list[tuple[str, str]]) -> str:
    written = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in pairs)
    shown = written.encode(errors="surrogateescape").decode(errors="replace")
    return f"{{{shown[:MAX_ERROR_MESSAGE_CHARS]}}}"
