"""Labels as sent: checked as Prometheus checks them."""

import json
from collections.abc import Iterable

from goldeneye.errors import InvalidRequest
from query.promql.remote_write.series import METRIC_NAME

Pairs = Iterable[tuple[bytes, bytes]]


def checked_labels(pairs: Pairs) -> dict[str, str]:
    """Sorted by name, in whichever order they came; without the empty, which are no labels.

    Raises InvalidRequest for a label that is twice there, nameless or not UTF-8, and where the
    metric's name is missing.
    """
    sent = list(pairs)
    if any(not name or _text(name) is None or _text(value) is None for name, value in sent):
        raise InvalidRequest(f"invalid metric name or labels, got {_written(sent)}")
    labels: dict[str, str] = {}
    for name, value in sorted(sent):
        key = name.decode()
        if key in labels:
            raise InvalidRequest(
                f"invalid labels for series, labels {_written(sent)}, duplicated label {key}"
            )
        labels[key] = value.decode()
    if not labels.get(METRIC_NAME):
        raise InvalidRequest(f"invalid metric name or labels, got {_written(sent)}")
    return {name: value for name, value in labels.items() if value}


def exemplar_labels(pairs: Pairs) -> dict[str, str]:
    """Raises InvalidRequest where one is not UTF-8."""
    labels = {}
    for name, value in pairs:
        key, text = _text(name), _text(value)
        if key is None or text is None:
            raise InvalidRequest("invalid exemplar labels: not UTF-8")
        labels[key] = text
    return labels


def checked_text(text: bytes, what: str) -> str:
    """Raises InvalidRequest where it is not UTF-8."""
    found = _text(text)
    if found is None:
        raise InvalidRequest(f"{what} is not valid UTF-8")
    return found


def _text(text: bytes) -> str | None:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return None


def _written(pairs: list[tuple[bytes, bytes]]) -> str:
    written = (
        f"{name.decode(errors='replace')}="
        f"{json.dumps(value.decode(errors='replace'), ensure_ascii=False)}"
        for name, value in sorted(pairs)
    )
    return f"{{{', '.join(written)}}}"
