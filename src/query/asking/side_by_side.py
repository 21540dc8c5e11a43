"""Parts of one answer that do not need each other, asked at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from query.asking.reader import Reader

Part = Callable[[Reader], Any]


def side_by_side(reader: Reader, *parts: Part) -> list[Any]:
    """What each part gives, in their order; each has a thread and a reader of its own.

    Where idle workers are few, they wait for one another. Raises what the first one raises that
    failed, once all are over.
    """
    readers = [reader.beside() for _ in parts]
    with ThreadPoolExecutor(len(parts), thread_name_prefix="part") as threads:
        asked = list(threads.map(_outcome, parts, readers))
    for one in readers:
        reader.add(one)
    for _, error in asked:
        if error is not None:
            raise error
    return [found for found, _ in asked]


def _outcome(part: Part, reader: Reader) -> tuple[Any, Exception | None]:
    try:
        return part(reader), None
    except Exception as error:
        return None, error
